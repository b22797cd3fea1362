# shellcheck shell=bash
# The agent engine and its ripgrep, from npm's platform packages at exact versions. The app and the command
# line find them through COWORK_ENGINE and COWORK_RIPGREP.
#
# ripgrep comes from npm as well and not from apt: one static binary per platform inside a package that is kept
# for an editor used by millions, pinned by hash, and it needs no root.

engine_folder=$root/scripts/engine
engine_package=opencode-$system-$machine
ripgrep_package=@vscode/ripgrep-${system/windows/win32}-$machine
export COWORK_ENGINE=$engine_folder/node_modules/$engine_package/bin/opencode$exe
export COWORK_RIPGREP=$engine_folder/node_modules/$ripgrep_package/bin/rg$exe

# The lockfile, and the size and time of both binaries: hashing 185 MB at every start would be felt.
engine_fingerprint() {
  printf '%s %s' "$(digest <"$engine_folder/package-lock.json")" "$(fingerprint "$COWORK_ENGINE" "$COWORK_RIPGREP")"
}

engine_is_current() {
  [ -x "$COWORK_ENGINE" ] && [ -x "$COWORK_RIPGREP" ] &&
    stamped "$engine_folder/node_modules/.installed" "$(engine_fingerprint)"
}

ensure_engine() {
  ! engine_is_current || return 0
  local folder=$engine_folder package=$engine_package version
  version=$(sed -n 's/^ *"opencode-linux-x64": "\([0-9.]*\)".*/\1/p' "$folder/package.json")
  # Fails closed: a binary of this size and power is not run on a hash that nobody has looked at.
  grep -q "\"node_modules/$package\"" "$folder/package-lock.json" ||
    die "The engine's integrity hash for $system-$machine is not recorded yet. Record it with" "" \
      "  (cd '$folder' && npm install --package-lock-only --force --save-optional $package@$version)" "" \
      "look at the change to package-lock.json, then start again."
  if [ "$system-$machine" = linux-x64 ] && ! grep -qw avx2 /proc/cpuinfo; then
    die "The engine needs a processor with AVX2, and this one has none."
  fi

  say "installing the engine $version (about 60 MB to fetch) and ripgrep"
  (cd "$folder" && quietly npm ci --ignore-scripts) || die "npm could not install the engine; see above."
  # npm passes over an optional package that fails its check without a word, so what came is looked at.
  local file
  for file in "$COWORK_ENGINE" "$COWORK_RIPGREP"; do
    [ -x "$file" ] || die "npm left out $file:" \
      "its package could not be fetched, or is not the one whose integrity hash stands in $folder/package-lock.json."
  done

  # The engine writes into its home even when it is only asked for its version.
  local home answered
  home=$(mktemp -d)
  answered=$(cd "$home" && env -i HOME="$home" TMPDIR="$home" PATH="$PATH" "$COWORK_ENGINE" --version 2>/dev/null) || true
  rm -rf "$home"
  [ "$answered" = "$version" ] || die "The engine says it is version '$answered'; $version was asked for." \
    "If it does not start at all, the folder may be mounted without permission to execute."
  "$COWORK_RIPGREP" --version >/dev/null || die "ripgrep does not start: $COWORK_RIPGREP"
  stamp "$folder/node_modules/.installed" "$(engine_fingerprint)"
}
