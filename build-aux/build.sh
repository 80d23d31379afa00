# shellcheck shell=bash
# ./dev build and clean: the server (CMake, Ninja) and the Spark source (Maven).

help_build() {
  cat <<'EOF'
Usage: ./dev build [TARGET…]

Builds the server into $TARN_BUILD (default build/) and the Spark source `aws-kinesis` into
build/connector/. With TARGETs, builds only these targets of the C++ build; `spark` is the Spark source with its archive.

Examples:
  ./dev build
  ./dev build kinesis_test
  ./dev build spark
  TARN_BUILD=/tmp/tarn-build TARN_JOBS=1 ./dev build tarn
EOF
}

cmd_build() {
  ensure_setup
  if [ "$*" = spark ]; then
    steps 1
    step "The Spark source and the class-data archive of its sessions"
    build_java
    return
  fi
  if [ $# -gt 0 ]; then
    steps 2
    step "Configure"
    configure_cpp
    step "Compile: $*"
    compile_cpp "$@"
    return
  fi
  run_build
}

# All of it, or with targets only these of the C++ build.
run_build() {
  steps 2
  step "Configure"
  configure_cpp
  step "Compile ${*:-the server and its tests}"
  # Maven fetches more than it compiles, and the archive waits for a JVM.
  aside "the Spark source and the class-data archive of its sessions" build_java
  compile_cpp "$@"
  join_aside
  note "built: $BUILD_DIR/bin/tarn"
}

# What running needs: everything but the tests.
ensure_program() {
  begin_from_nothing tarn
  ensure_setup
  run_build tarn
}

# On a machine that has nothing yet the compiler works, on this target, while the rest is fetched; what it finds wrong is
# told when its turn comes.
begin_from_nothing() {
  if runtime_ready; then return; fi
  start_early_compile "$1"
  run_setup
  ensure_setup
  # Maven and the archive leave a core idle, the compiler's last sources too: better beside one another.
  aside "the Spark source and the class-data archive of its sessions" build_java
  join_early_compile
  join_aside
}

early_group=
start_early_compile() {
  setup_packages "$ROOT/runtime/debian-packages.txt"
  use_java
  mkdir -p "$TARN_CACHE" "$BUILD_DIR/log"
  setup_generator "$(runtime_dir)"
  note "the compiler has begun; beside it, the rest is set up"
  set -m
  (
    configure_cpp
    cmake --build "$BUILD_DIR" --parallel "$JOBS" --target "$1"
  ) >"$BUILD_DIR/log/early.log" 2>&1 </dev/null &
  early_group=$!
  set +m
}
join_early_compile() {
  local waited=0
  while kill -0 "$early_group" 2>/dev/null; do
    sleep 0.2
    waited=$((waited + 1))
    [ $((waited % 100)) -ne 0 ] || note "… $(last_words "$BUILD_DIR/log/early.log")"
  done
  wait "$early_group" || true
  early_group=
}
end_early_compile() {
  [ -z "$early_group" ] || kill -TERM -- "-$early_group" 2>/dev/null || true
}

ensure_build() {
  ensure_setup
  run_build
}

configure_cpp() {
  # A build tree remembers its compiler and generator; CMake itself notices every later change.
  if [ -e "$BUILD_DIR/build.ninja" ] && grep -qsxF "TARN_PYTHON:STRING=$(venv_python)" "$BUILD_DIR/CMakeCache.txt"; then
    return
  fi
  logged "$BUILD_DIR/log/configure.log" cmake -S "$ROOT" -B "$BUILD_DIR" -G Ninja \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo "-DTARN_PYTHON:STRING=$(venv_python)" ||
    die "CMake could not configure the build" "./dev clean, then ./dev build again; if it stays so, the output above tells what is missing"
}

# Ninja prints its own progress: one line that it overwrites on a terminal, one a step otherwise.
compile_cpp() {
  if [ -t 1 ]; then
    cmake --build "$BUILD_DIR" --parallel "$JOBS" --target "${@:-all}" || die "the compiler found errors (above)"
  else
    logged "$BUILD_DIR/log/compile.log" cmake --build "$BUILD_DIR" --parallel "$JOBS" --target "${@:-all}" ||
      die "the compiler found errors (above)"
  fi
}

build_java() {
  build_connector
  build_archive
}

# Maven takes ten seconds to find that nothing changed; a digest of the sources takes none.
build_connector() {
  [ -f "$ROOT/spark/pom.xml" ] || die "spark/pom.xml is missing"
  local stamp="$BUILD_DIR/connector/.sources" digest
  digest=$(connector_digest)
  if [ "$digest" = "$(cat "$stamp" 2>/dev/null)" ]; then
    note "unchanged"
    return
  fi
  mkdir -p "$BUILD_DIR/connector" "$TARN_CACHE/connector"
  # What ccache is to the server: another checkout with the same sources takes the jar that was made of them.
  local kept="$TARN_CACHE/connector/$digest.jar"
  if [ ! -f "$kept" ]; then
    logged "$BUILD_DIR/log/connector.log" mvn -B -q -f "$ROOT/spark/pom.xml" package -DskipTests ||
      die "Maven could not build the Spark source (spark/)"
    find "$TARN_CACHE/connector" -name '*.jar' -mtime +30 -delete
    cp "$ROOT/spark/target/tarn-aws-kinesis.jar" "$kept.new"
    mv "$kept.new" "$kept"
  fi
  cp "$kept" "$BUILD_DIR/connector/.new.jar"
  mv "$BUILD_DIR/connector/.new.jar" "$BUILD_DIR/connector/tarn-aws-kinesis.jar"
  printf '%s\n' "$digest" >"$stamp"
}
connector_digest() {
  (
    cd "$ROOT/spark" || exit 1
    find . -path ./target -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
  )
}

# Spark's classes parsed and verified once, for these jars and this Java: a third to half off a session's start.
# By the names that the program has: a sandbox sees its jars by those, and an archive knows its class path by name.
build_archive() {
  # A sandbox cannot keep what its Python compiled: every session and step would compile these anew.
  "$BUILD_DIR/runtime/python/bin/python" -m compileall -q "$ROOT/src/services/livy/driver" "$ROOT/src/services/emr/node"
  logged "$BUILD_DIR/log/archive.log" env PYTHONPATH="$ROOT/src/services/livy/driver" "$BUILD_DIR/runtime/python/bin/python" \
    -m tarn_session.archive --jars "$BUILD_DIR/runtime/jars" --jars "$BUILD_DIR/connector" \
    --directory "$BUILD_DIR/share/archive" ||
    warn "sessions will start more slowly: there is no class-data archive (the output is above)"
}

help_clean() {
  cat <<'EOF'
Usage: ./dev clean [--cache]

Removes what was built. With --cache, also what ./dev setup fetched for this version of the lock
files, the Spark source's jars and the linter's remembered results; the Debian packages stay.

Examples:
  ./dev clean
  ./dev clean --cache
EOF
}

cmd_clean() {
  case "${1:-}" in
    "") ;;
    --cache)
      say "Removing $(runtime_dir)"
      rm -rf "$(runtime_dir)" "$(runtime_dir).lock" "$(tools_dir)" "$TARN_CACHE/lint" "$TARN_CACHE/connector"
      ;;
    *) die "unknown argument of clean: $1" "./dev clean --help" ;;
  esac
  say "Removing $BUILD_DIR and spark/target"
  rm -rf "$BUILD_DIR" "$ROOT/spark/target"
}
