# shellcheck shell=bash
# ./dev fuzz: the parsers under libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer.

help_fuzz() {
  cat <<'EOF'
Usage: ./dev fuzz [--seconds N] [TARGET…]

Feeds each target (tests/fuzz/TARGET_fuzz.cc; all by default) for N seconds (60) with inputs grown
from tests/fuzz/seeds/TARGET and from earlier runs, whose findings are kept in $TARN_CACHE/fuzz.
Exits with 1 at the first input that crashes, hangs or breaks a promise, and says where it is kept.

Examples:
  ./dev fuzz
  ./dev fuzz --seconds 600 template
EOF
}

cmd_fuzz() {
  local seconds=60 target
  local targets=()
  while [ $# -gt 0 ]; do
    case "$1" in
      --seconds)
        [[ "${2:-}" =~ ^[0-9]+$ ]] || die "--seconds takes a number" "./dev fuzz --help"
        seconds=$2
        shift 2
        ;;
      *)
        [ -f "tests/fuzz/$1_fuzz.cc" ] || die "no fuzz target is named $1" "there are: $(fuzz_targets | tr '\n' ' ')"
        targets+=("$1")
        shift
        ;;
    esac
  done
  [ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(fuzz_targets)
  steps $((${#targets[@]} + 2))
  step "Debian packages"
  setup_packages "$ROOT/runtime/debian-packages-fuzz.txt"
  ensure_setup
  step "Build with sanitizers"
  build_fuzzers "${targets[@]}"
  for target in "${targets[@]}"; do
    step "$target, $seconds s"
    fuzz_one "$target" "$seconds"
  done
}

fuzz_targets() { find tests/fuzz -name '*_fuzz.cc' -printf '%f\n' | sed 's/_fuzz\.cc$//' | sort; }

build_fuzzers() {
  local folder="$BUILD_DIR/fuzz"
  logged "$BUILD_DIR/log/fuzz-configure.log" cmake -S "$ROOT" -B "$folder" -G Ninja -DTARN_FUZZ=ON \
    -DCMAKE_CXX_COMPILER=clang++-19 "-DTARN_PYTHON:STRING=$(venv_python)" || die "CMake could not configure the fuzz build"
  logged "$BUILD_DIR/log/fuzz-compile.log" cmake --build "$folder" --parallel "$JOBS" --target "${@/%/_fuzz}" ||
    die "the fuzz targets do not compile (above)"
}

# -timeout: an input that takes 10 s is a hang; -rss_limit_mb: one that takes 2 GiB is a leak or worse.
fuzz_one() {
  local target=$1 corpus="$TARN_CACHE/fuzz/$1" seeds="tests/fuzz/seeds/$1"
  mkdir -p "$corpus" "$BUILD_DIR/fuzz/found"
  [ -d "$seeds" ] || seeds=""
  # shellcheck disable=SC2086 # no seeds, no argument
  logged "$BUILD_DIR/log/fuzz-$target.log" "$BUILD_DIR/fuzz/bin/${target}_fuzz" "-max_total_time=$2" -timeout=10 \
    -rss_limit_mb=2048 -print_final_stats=1 "-artifact_prefix=$BUILD_DIR/fuzz/found/$target-" "$corpus" $seeds ||
    die "$target found something" "repeat it: $BUILD_DIR/fuzz/bin/${target}_fuzz $BUILD_DIR/fuzz/found/$target-…"
  note "$(sed -n 's/^stat::number_of_executed_units: */inputs tried: /p' "$BUILD_DIR/log/fuzz-$target.log")"
}
