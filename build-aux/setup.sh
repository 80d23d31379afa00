# shellcheck shell=bash
# ./dev setup: Debian packages, the Python environment and the jars, all pinned, all verified.

help_setup() {
  cat <<'EOF'
Usage: ./dev setup

Installs what is missing on this machine: Debian packages (runtime/debian-packages.txt), a Python
environment (runtime/python.txt) and Java archives (runtime/jars.lock), all pinned and verified by
digest. It may be run again at any time and does only what is left to do.

Everything but the Debian packages goes to $TARN_CACHE (default ~/.cache/tarn), outside the checkout.

Examples:
  ./dev setup
  TARN_CACHE=/srv/tarn-cache ./dev setup
EOF
}

cmd_setup() {
  [ $# -eq 0 ] || die "setup takes no argument, got: $*" "./dev setup --help"
  run_setup
}

run_setup() {
  steps 2
  step "Debian packages"
  setup_packages "$ROOT/runtime/debian-packages.txt"
  use_java
  mkdir -p "$TARN_CACHE" || die "cannot write to $TARN_CACHE" "set TARN_CACHE to a folder that you may write to"
  local dir
  dir=$(runtime_dir)
  # One set-up at a time; a second one waits here and then finds the work done.
  exec 9>"$dir.lock"
  flock 9
  step "Python environment"
  # Both wait for the network more than they work.
  aside "Java archives" setup_all_jars "$dir"
  setup_python "$dir"
  join_aside
  exec 9>&-
  link_runtime
  note "ready: $dir"
}

# The program looks beside its own folder for what it runs: the runtime that the lock files name, and
# in share/ the repository's own programs (the driver of a session, the launcher of JupyterLab).
link_runtime() {
  mkdir -p "$BUILD_DIR/share"
  ln -sfn "$(runtime_dir)" "$BUILD_DIR/runtime"
  ln -sfn "$(tools_dir)" "$BUILD_DIR/tools"
  ln -sfn "$ROOT/src/services/livy/driver/tarn_session" "$BUILD_DIR/share/tarn_session"
  ln -sfn "$ROOT/jupyter/tarn_jupyter" "$BUILD_DIR/share/tarn_jupyter"
}

# --- Debian -------------------------------------------------------------------------------------

# Prints the packages of a list that are not installed.
missing_packages() {
  local package command installed
  installed=$(dpkg-query -W -f '${Status} ${Package}\n' | sed -n 's/^.* ok installed //p')
  while read -r package command; do
    [ -n "$package" ] || continue
    if [ -n "$command" ] && command -v "$command" >/dev/null; then continue; fi
    grep -qxF "$package" <<<"$installed" || printf '%s\n' "$package"
  done < <(sed 's/#.*//' "$1")
}
packages_ready() {
  command -v dpkg-query >/dev/null && [ -z "$(missing_packages "$ROOT/runtime/debian-packages.txt")" ]
}

setup_packages() {
  command -v apt-get >/dev/null ||
    die "this is no Debian system (no apt-get)" "Tarn is built and run on Debian 12"
  local missing
  mapfile -t missing < <(missing_packages "$1")
  if [ ${#missing[@]} -eq 0 ]; then
    note "all installed"
    return
  fi
  note "installing ${#missing[@]}: ${missing[*]}"
  local fix="as root: apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  local status=0
  as_root true || status=$?
  [ "$status" -ne 77 ] || die "Debian packages are missing and this user can neither be root nor use sudo without a password" "$fix"
  local log="$TARN_CACHE/log/apt.log"
  # The package lists may be old or absent; a first try without them saves the fetch where they are good.
  if ! apt_install "${missing[@]}" >/dev/null 2>&1; then
    logged "$log" as_root apt-get -q update || die "apt-get update failed" "$fix"
    logged "$log" apt_install "${missing[@]}" || die "apt-get install failed" "$fix"
  fi
}
apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 install "$@"
}

# --- Python -------------------------------------------------------------------------------------

# The environment cannot be moved once made, so it is built in place and marked when complete.
setup_python() {
  local venv="$1/python"
  if [ -e "$venv/.complete" ]; then
    note "already there"
    return
  fi
  setup_generator "$1"
  note "fetching and installing $(grep -cE '^[a-z]' "$ROOT/runtime/python.txt") packages (one to four minutes)"
  # PySpark comes as sources: 400 MB that pip would compress into a wheel of its own, only to unpack it at once.
  # --no-deps: the lock files name every package, and leave two out on purpose (python-overrides.txt).
  local lock
  for lock in python-build python python-dev; do
    logged "$1/log/$lock.log" "$venv/bin/python" -m pip install --disable-pip-version-check --no-input \
      --progress-bar off --no-deps --no-build-isolation --config-settings=--build-option=--compression=stored \
      --require-hashes -r "$ROOT/runtime/$lock.txt" ||
      die "the packages of runtime/$lock.txt could not be installed" "is the Python package index reachable? Then run ./dev setup again"
  done
  install_kernel "$venv"
  touch "$venv/.complete"
}

# What the build's code generator needs of it, which takes seconds: the compiler can start then.
setup_generator() {
  local venv="$1/python"
  [ ! -e "$venv/.generator" ] || return 0
  need_disk_gib 4
  rm -rf "$venv"
  mkdir -p "$1"
  logged "$1/log/venv.log" /usr/bin/python3 -m venv "$venv" || die "cannot make a Python environment in $venv"
  local pinned="$1/log/generator.txt"
  # Each with the digests in the lines that follow it.
  awk '/^[^ ]/ { wanted = $0 ~ /^(botocore|jmespath|python-dateutil|six|urllib3)==/ } wanted' "$ROOT/runtime/python.txt" >"$pinned"
  logged "$1/log/generator.log" "$venv/bin/python" -m pip install --disable-pip-version-check --no-input \
    --progress-bar off --no-deps --require-hashes -r "$pinned" ||
    die "what the code generator needs could not be installed" "is the Python package index reachable? Then run ./dev setup again"
  touch "$venv/.generator"
}

# Jupyter finds sparkmagic's kernel in the environment itself, for every user of it. Only the Python one: sessions speak
# no Scala and no R.
install_kernel() {
  local venv=$1 kernels
  kernels=$("$venv/bin/python" -c 'import os, sparkmagic; print(os.path.dirname(sparkmagic.__file__))')/kernels
  logged "$venv/../log/kernel.log" "$venv/bin/jupyter-kernelspec" install --sys-prefix --replace "$kernels/pysparkkernel" ||
    die "Jupyter could not install the kernel pysparkkernel"
}

need_disk_gib() {
  local free
  free=$(df --output=avail -BG "$TARN_CACHE" | tail -n 1 | tr -dc 0-9)
  [ "$free" -ge "$1" ] || die "$TARN_CACHE has $free GiB free, $1 are needed" "make room, or set TARN_CACHE to another disk"
}

# --- Java archives ------------------------------------------------------------------------------

setup_all_jars() {
  setup_jars "$ROOT/runtime/jars.lock" "$1/jars"
  setup_jars "$ROOT/runtime/tools.lock" "$(tools_dir)"
}

# setup_jars LOCK FOLDER: fetches what the lock names into the folder.
setup_jars() {
  local lock=$1 folder=$2 coordinate digest
  if [ -e "$folder/.complete" ]; then
    note "already there: $(basename "$lock")"
    return
  fi
  rm -rf "$folder"
  mkdir -p "$folder"
  while read -r coordinate digest; do
    [ -n "$coordinate" ] || continue
    fetch_jar "$folder" "$coordinate" "$digest"
  done < <(sed 's/#.*//' "$lock")
  touch "$folder/.complete"
}

fetch_jar() {
  local folder=$1 coordinate=$2 digest=$3 part file
  part=$(mktemp -d "$folder/fetch.XXXXXX")
  note "$coordinate"
  logged "$TARN_CACHE/log/maven.log" mvn -B -q dependency:copy "-Dartifact=$coordinate" "-DoutputDirectory=$part" ||
    die "Maven could not fetch $coordinate" "is Maven Central reachable? Then run ./dev setup again"
  file=$(find "$part" -name '*.jar' -printf '%f\n')
  printf '%s  %s\n' "$digest" "$part/$file" | sha256sum --check --status ||
    die "$coordinate is not what the lock pins (its sha256 is $(sha256sum "$part/$file" | cut -d ' ' -f 1))" \
      "remove it from the local Maven repository and run ./dev setup again; if it stays so, do not use it"
  mv "$part/$file" "$folder/$file"
  rmdir "$part"
}
