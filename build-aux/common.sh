# shellcheck shell=bash
# What every ./dev command stands on: where things are, how it speaks, how it fails. Sourced by `dev`.

# Everything fetched lives outside the checkout, so a second clone builds without fetching.
TARN_CACHE="${TARN_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/tarn}"
BUILD_DIR="${TARN_BUILD:-$ROOT/build}"
JOBS="${TARN_JOBS:-$(nproc)}"
# Paths below the checkout count as relative, so that another checkout finds what this one compiled.
export CCACHE_BASEDIR="$ROOT" CCACHE_NOHASHDIR=true
started_at=$SECONDS

say() { printf '%s\n' "$*"; }
warn() { printf 'dev: %s\n' "$*" >&2; }

# die "what is wrong" ["how to fix it"]
die() {
  printf 'dev: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf '     %s\n' "$2" >&2
  exit 1
}

# Progress of a command with several steps: `steps 4`, then `step "what"` before each.
steps_total=0
steps_done=0
steps() {
  steps_total=$1
  steps_done=0
}
step() {
  steps_done=$((steps_done + 1))
  printf '[%4ds] %d/%d %s\n' "$((SECONDS - started_at))" "$steps_done" "$steps_total" "$*"
}
note() { printf '[%4ds]     %s\n' "$((SECONDS - started_at))" "$*"; }

# A command that runs in the background of this script, in a process group of its own, ends with it.
logged_group=
end_logged() {
  [ -z "$logged_group" ] || kill -TERM -- "-$logged_group" 2>/dev/null || true
}
trap 'end_logged; end_aside; end_early_compile' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# logged LOG COMMAND…: runs quietly, says every 20 s that it is still at it, shows the log's end on failure.
logged() {
  local log=$1 pid status=0 waited=0
  shift
  mkdir -p "$(dirname "$log")"
  set -m
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  set +m
  logged_group=$pid
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    waited=$((waited + 1))
    if [ $((waited % 100)) -eq 0 ]; then
      note "… $(last_words "$log")"
    fi
  done
  wait "$pid" || status=$?
  logged_group=
  if [ "$status" -ne 0 ]; then
    tail -n 40 "$log" >&2
    warn "failed ($status): $*"
    warn "the whole output is in $log"
  fi
  return "$status"
}

# aside NAME COMMAND…: a step that runs beside the following ones, such as a download beside a compilation; what it says is
# kept. join_aside waits for it, shows that, and fails as it failed. One at a time.
aside_pid=
aside_name=
aside_log=
aside() {
  aside_name=$1
  aside_log=$(mktemp)
  shift
  note "beside it: $aside_name"
  (
    aside_pid=
    trap end_logged EXIT
    trap 'exit 143' TERM
    "$@"
  ) >"$aside_log" 2>&1 </dev/null &
  aside_pid=$!
}
join_aside() {
  local status=0
  [ -n "$aside_pid" ] || return 0
  wait "$aside_pid" || status=$?
  aside_pid=
  cat "$aside_log"
  rm -f "$aside_log"
  [ "$status" -eq 0 ] || die "$aside_name failed (above)"
}
end_aside() {
  [ -z "$aside_pid" ] || kill -TERM "$aside_pid" 2>/dev/null || true
  rm -f "$aside_log"
}

# The last line of a log that says something, without colours.
last_words() {
  local words
  words=$(tail -n 20 "$1" 2>/dev/null | sed 's/\x1b\[[0-9;]*m//g; s/\r//g' | grep '[^ ]' | tail -n 1 | cut -c 1-100) || true
  printf '%s' "${words:-still at it}"
}

# Runs a command as root: directly, or by sudo where that asks for no password.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    sudo -n "$@"
  else
    return 77
  fi
}

# A folder of the cache is named after what is pinned: another lock is another folder, never a half-changed one.
runtime_dir() { locked_dir runtime python-build.txt python.txt python-dev.txt jars.lock; }
tools_dir() { locked_dir tools tools.lock; }
locked_dir() {
  printf '%s/%s-%s\n' "$TARN_CACHE" "$1" "$(cd "$ROOT/runtime" && grep -hv '^#' "${@:2}" | sha256sum | cut -c 1-12)"
}
runtime_ready() {
  [ -e "$(runtime_dir)/python/.complete" ] && [ -e "$(runtime_dir)/jars/.complete" ] && [ -e "$(tools_dir)/.complete" ]
}
venv_python() { printf '%s/python/bin/python\n' "$(runtime_dir)"; }

# Spark, the connector and their tests run on Java 17, whatever `java` on PATH is.
find_java() {
  local home
  for home in "${TARN_JAVA_HOME:-}" /usr/lib/jvm/java-17-openjdk-* "${JAVA_HOME:-}"; do
    if [ -n "$home" ] && [ -x "$home/bin/javac" ] &&
      "$home/bin/javac" -version 2>&1 | grep -q '^javac 17\.'; then
      printf '%s\n' "$home"
      return 0
    fi
  done
  return 1
}
use_java() {
  JAVA_HOME=$(find_java) ||
    die "no Java 17 development kit is installed" "./dev setup installs it (Debian: openjdk-17-jdk-headless)"
  export JAVA_HOME
  PATH="$JAVA_HOME/bin:$PATH"
}

ensure_setup() {
  if ! runtime_ready || ! packages_ready; then
    say "Not set up yet (or what is pinned has changed): running ./dev setup first."
    run_setup
  fi
  link_runtime
  use_java
}
