# shellcheck shell=bash
# ./dev test, lint, demo, bench, fuzz, tarn, lock: each makes ready what it needs, then hands over.

help_test() {
  cat <<'EOF'
Usage: ./dev test [quick | SUITE… | ROOM…]

Builds what changed, runs the tests and ends with one line, `N passed, N failed`.

  (nothing)  every suite: conformance and data; clusters, platforms and sessions (of Spark); jobs and streams (end to
             end); lint (without clang-tidy), java, unit, tools
  quick      lint of changed files, unit and the fast conformance tests (under three minutes)
  SUITE      only this suite, such as: unit, or: lint java
  ROOM       only a room of src/, such as kinesis: its unit and its conformance tests

Logs and reports are left in build/test/.

Examples:
  ./dev test
  ./dev test quick
  ./dev test kinesis
  ./dev test unit java
EOF
}

cmd_test() {
  local plan room
  [ $# -gt 0 ] || begin_from_nothing all
  ensure_setup
  plan=$("$(venv_python)" tests/run.py --plan "$@") || exit 1
  # The Spark source is built by the tests themselves, beside those that need nothing of it.
  case " $plan " in
    *" all "*)
      steps 2
      step "Configure"
      configure_cpp
      step "Compile the server and its tests"
      compile_cpp
      ;;
    *)
      for room in $plan; do
        cmd_build "$room"
      done
      ;;
  esac
  TARN_BUILD="$BUILD_DIR" TARN_CACHE="$TARN_CACHE" exec "$(venv_python)" tests/run.py "$@"
}

help_lint() {
  cat <<'EOF'
Usage: ./dev lint [--fix] [--changed] [CHECK…]

Checks the form of the code: clang-format, clang-tidy, ruff, google-java-format, shellcheck and the
rules of the house (build-aux/lint/rules.py). Results of clang-tidy are remembered by content.

  --fix      mend what the tools can mend by themselves
  --changed  only files that differ from the last commit
  CHECK      only these checks; ./dev lint --list names them

Examples:
  ./dev lint
  ./dev lint --fix clang-format ruff-format
EOF
}

cmd_lint() {
  ensure_setup
  configure_cpp
  TARN_BUILD="$BUILD_DIR" TARN_CACHE="$TARN_CACHE" exec "$(venv_python)" build-aux/lint "$@"
}

# Whether the program's own help is asked for, which needs its Python but nothing built.
asks_help() {
  case "${1:-}" in -h | --help) return 0 ;; *) return 1 ;; esac
}

cmd_demo() {
  if asks_help "$@"; then ensure_setup; else ensure_program; fi
  TARN_BUILD="$BUILD_DIR" exec "$(venv_python)" demo/run.py "$@"
}

cmd_bench() {
  if asks_help "$@"; then
    ensure_setup
    TARN_BUILD="$BUILD_DIR" exec "$(venv_python)" bench/run.py "$@"
  fi
  steps 1
  step "Debian packages of the peers"
  setup_packages "$ROOT/runtime/debian-packages-bench.txt"
  ensure_build
  TARN_BUILD="$BUILD_DIR" exec "$(venv_python)" bench/run.py "$@"
}

cmd_tarn() {
  if [ ! -x "$BUILD_DIR/bin/tarn" ]; then ensure_program; else use_java; fi
  exec "$BUILD_DIR/bin/tarn" "$@"
}

help_lock() {
  cat <<'EOF'
Usage: ./dev lock

Resolves runtime/*.in anew and writes runtime/*.txt: the newest versions that the .in files allow,
each with its digests. What is already pinned and still allowed stays; remove a .txt file first to
move everything. Jars are pinned by hand in runtime/jars.lock.

Example:
  rm runtime/python-dev.txt && ./dev lock && ./dev setup
EOF
}

cmd_lock() {
  local tool="$TARN_CACHE/lock-tool"
  [ -x "$tool/bin/uv" ] || {
    /usr/bin/python3 -m venv "$tool"
    logged "$tool/install.log" "$tool/bin/pip" install --disable-pip-version-check uv
  }
  steps 3
  lock_one python-build --allow-unsafe
  lock_one python --overrides runtime/python-overrides.txt
  lock_one python-dev --constraints runtime/python.txt
}
lock_one() {
  step "runtime/$1.txt"
  # PIP_FIND_LINKS: a machine's own folder of wheels would be written into the lock.
  env -u PIP_FIND_LINKS "$TARN_CACHE/lock-tool/bin/uv" pip compile --quiet --generate-hashes --no-annotate \
    --python-version 3.11 --python-platform x86_64-manylinux_2_36 --custom-compile-command './dev lock' \
    "${@:2}" "runtime/$1.in" --output-file "runtime/$1.txt"
}
