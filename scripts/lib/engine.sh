# shellcheck shell=bash
# The agent engine and its ripgrep, from npm's platform packages at exact versions. The app and the command
# line find them through COWORK_ENGINE and COWORK_RIPGREP.
#
# ripgrep comes from npm as well and not from apt: one static binary per platform inside a package that is kept
# for an editor used by millions, pinned by hash, and it needs no root.

ensure_engine() {
  local folder=$root/scripts/engine npm_system=$system lock mark
  [ "$system" != windows ] || npm_system=win32
  local package=opencode-$system-$machine
  export COWORK_ENGINE=$folder/node_modules/$package/bin/opencode$exe
  export COWORK_RIPGREP=$folder/node_modules/@vscode/ripgrep-$npm_system-$machine/bin/rg$exe

  lock=$(digest <"$folder/package-lock.json")
  mark=$folder/node_modules/.installed
  if stamped "$mark" "$lock $(fingerprint "$COWORK_ENGINE" "$COWORK_RIPGREP")" && [ -x "$COWORK_ENGINE" ] && [ -x "$COWORK_RIPGREP" ]; then
    return 0
  fi

  local version
  version=$(sed -n 's/^ *"opencode-linux-x64": "\([0-9.]*\)".*/\1/p' "$folder/package.json")
  # Fails closed: a binary of this size and power is not run on a hash that nobody has looked at.
  grep -q "\"node_modules/$package\"" "$folder/package-lock.json" ||
    die "The engine's integrity hash for $system-$machine is not recorded yet. Record it with" "" \
      "  (cd '$folder' && npm install --package-lock-only --force --save-optional $package@$version)" "" \
      "look at the change to package-lock.json, then start again."
  if [ "$system-$machine" = linux-x64 ] && ! grep -qw avx2 /proc/cpuinfo; then
    die "The engine needs a processor with AVX2, and this one has none."
  fi

  ensure_node
  say "installing the engine $version (about 60 MB to fetch) and ripgrep"
  (cd "$folder" && quietly npm ci --ignore-scripts) ||
    die "npm could not install the engine; see above. Its hash in scripts/engine/package-lock.json must match."
  [ -x "$COWORK_ENGINE" ] || die "The engine's package holds no executable at $COWORK_ENGINE."
  [ -x "$COWORK_RIPGREP" ] || die "ripgrep's package holds no executable at $COWORK_RIPGREP."

  # The engine writes into its home even when it is only asked for its version.
  local home answered
  home=$(mktemp -d)
  answered=$(cd "$home" && env -i HOME="$home" TMPDIR="$home" PATH="$PATH" "$COWORK_ENGINE" --version 2>/dev/null) || true
  rm -rf "$home"
  [ "$answered" = "$version" ] || die "The engine says it is version '$answered'; $version was asked for." \
    "If it does not start at all, the folder may be mounted without permission to execute."
  "$COWORK_RIPGREP" --version >/dev/null || die "ripgrep does not start: $COWORK_RIPGREP"
  stamp "$mark" "$lock $(fingerprint "$COWORK_ENGINE" "$COWORK_RIPGREP")"
}
