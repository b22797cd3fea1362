# shellcheck shell=bash
# What every script here stands on: where things are, how progress is told, how "nothing changed" is known.
# Sourced, never run. Bash 3.2 is enough, because that is what macOS has.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
started=$SECONDS

# Cargo reads a relative CARGO_TARGET_DIR against the folder it is called in; we call it in the project.
target=${CARGO_TARGET_DIR:-target}
case $target in
  /* | [A-Za-z]:*) ;;
  *) target=$root/$target ;;
esac
export CARGO_TARGET_DIR=$target
export npm_config_update_notifier=false

case $(uname -s) in
  Linux) system=linux ;;
  Darwin) system=darwin ;;
  MINGW* | MSYS* | CYGWIN*) system=windows ;;
  *) system=unknown ;;
esac
case $(uname -m) in
  x86_64 | amd64) machine=x64 ;;
  aarch64 | arm64) machine=arm64 ;;
  *) machine=$(uname -m) ;;
esac
exe=
[ "$system" != windows ] || exe=.exe

# One line of progress, on stderr: stdout belongs to what the script was asked for.
say() {
  printf '[%3d s] %s\n' $((SECONDS - started)) "$*" >&2
}

die() {
  printf '%s\n' "$@" >&2
  exit 1
}

has() {
  command -v "$1" >/dev/null 2>&1
}

# version_at_least 1.96.0 1.95: numbers between dots, anything behind them (-nightly, +dfsg1) ignored.
version_at_least() {
  local -a have want
  local i
  IFS=. read -r -a have <<<"${1%%[!0-9.]*}"
  IFS=. read -r -a want <<<"$2"
  for i in 0 1 2; do
    [ "${have[i]:-0}" -eq "${want[i]:-0}" ] || {
      [ "${have[i]:-0}" -gt "${want[i]:-0}" ]
      return
    }
  done
}

# Runs a command whose output matters only when it fails.
quietly() {
  local log
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    rm -f "$log"
  else
    local code=$?
    cat "$log" >&2
    rm -f "$log"
    return "$code"
  fi
}

digest() {
  if has sha256sum; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

# A fingerprint of the files under the given paths: their names, sizes and times, which is what a build tool
# would look at. What builds make themselves is left out, or no fingerprint would ever hold.
fingerprint() {
  local format=(-printf '%p %s %T@\n')
  [ "$system" != darwin ] || format=(-exec stat -f '%N %z %Fm' '{}' +)
  { find "$@" \( -name node_modules -o -name .git -o -path "$target" -o -path "$root/target" -o -path "$root/gen" \
    -o -path "$root/ui/dist" -o -path "$root/ui/dist-cloud" \) -prune -o -type f "${format[@]}" 2>/dev/null || true; } |
    LC_ALL=C sort | digest
}

# stamped FILE VALUE: does the stamp of the last success still say this?
stamped() {
  local held
  [ -f "$1" ] && IFS= read -r held <"$1" && [ "$held" = "$2" ]
}

stamp() {
  mkdir -p "$(dirname "$1")"
  printf '%s\n' "$2" >"$1"
}
