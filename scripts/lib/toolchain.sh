# shellcheck shell=bash
# Rust and Node: what is there, else what apt or npm can bring, else where a person gets it.

rust_needed=1.95
node_needed=20.19

rust_version() {
  { rustc --version 2>/dev/null || true; } | cut -d ' ' -f 2
}

rust_is_there() {
  has cargo && has rustc && version_at_least "$(rust_version)" $rust_needed
}

# rustup puts its tools where a login shell finds them, which is not every shell; Ubuntu's versioned Rusts are
# nowhere on the PATH.
look_for_rust() {
  local folder
  for folder in "${CARGO_HOME:-$HOME/.cargo}/bin" /usr/lib/rust-*/bin; do
    rust_is_there && return 0
    [ ! -x "$folder/cargo" ] || PATH=$folder:$PATH
  done
  rust_is_there
}

# The packages of a Rust new enough that apt knows of. Debian keeps a current Rust for its browsers beside the
# release's own; Ubuntu has one package per version.
known_rust_packages() {
  local candidate suffix
  for suffix in web $(apt-cache search --names-only '^rustc-1\.[0-9]+$' | sed -n 's/^rustc-\(1\.[0-9]*\) .*/\1/p' | sort -rV); do
    candidate=$(apt_candidate "rustc-$suffix")
    if [ -n "$candidate" ] && version_at_least "$candidate" $rust_needed; then
      echo "rustc-$suffix cargo-$suffix"
      return 0
    fi
  done
}

# The packages that would bring Rust, if there is none. An index that is old or was never fetched knows none.
rust_packages() {
  if look_for_rust || has rustup || ! has apt-get; then return 0; fi
  local packages
  packages=$(known_rust_packages)
  if [ -z "$packages" ] && become_root; then
    say "fetching the package index"
    update_apt_index
    packages=$(known_rust_packages)
  fi
  echo "$packages"
}

ensure_rust() {
  look_for_rust && return 0
  local found
  found=$(rust_version)
  die "Rust $rust_needed or newer is needed; ${found:-none} is here, and apt knows no newer one." \
    "Get it from https://rustup.rs (rustup update stable, if you have it), or bring the system up to date, then start again."
}

# What the tests need beyond the compiler: rustup brings both by default, Debian and Ubuntu in packages named like
# the compiler's.
rust_check_packages() {
  if has cargo-clippy && has rustfmt || ! has dpkg-query; then return 0; fi
  local compiler
  compiler=$(rust_packages)
  [ -n "$compiler" ] || compiler=$(dpkg-query -S "$(readlink -f "$(command -v rustc || echo /usr/bin/rustc)")" 2>/dev/null) || true
  case $compiler in
    rustc-*)
      compiler=${compiler%%[ :]*}
      echo "rustfmt-${compiler#rustc-} rust-${compiler#rustc-}-clippy"
      ;;
  esac
}

ensure_rust_checks() {
  has cargo-clippy && has rustfmt && return 0
  die "The tests need rustfmt and clippy. With rustup: rustup component add rustfmt clippy"
}

cargo_tools=$target/tools
cargo_deny_version=0.20.2

# Built once, by the lockfile it was released with; without optimisation, which would take longer than all it is used for.
ensure_cargo_deny() {
  [ "$("$cargo_tools/bin/cargo-deny" --version 2>/dev/null)" = "cargo-deny $cargo_deny_version" ] && return 0
  say "building cargo-deny $cargo_deny_version, which checks the dependencies"
  quietly cargo install cargo-deny --version "=$cargo_deny_version" --locked --debug --root "$cargo_tools" --target-dir "$cargo_tools/build" ||
    die "cargo-deny did not build; see above."
  rm -rf "$cargo_tools/build"
}

node_version() {
  { node --version 2>/dev/null || true; } | tr -d v
}

node_is_there() {
  has node && has npm && version_at_least "$(node_version)" $node_needed
}

# The system's Node, or at least its npm, which can fetch a newer Node.
node_packages() {
  if ! has apt-get || has npm; then
    return 0
  elif has node; then
    echo npm
  else
    echo nodejs npm
  fi
}

ensure_node() {
  local found ours=$root/scripts/node/node_modules/node-$system-$machine/bin
  node_is_there && return 0
  # A system whose own Node is too old can still fetch a newer one from the npm registry, pinned by its hash.
  if has npm && [ "$system" = linux ]; then
    if [ ! -x "$ours/node" ]; then
      say "Node $(node_version) is too old: taking a newer one for this project from npm"
      (cd "$root/scripts/node" && quietly npm ci --ignore-scripts) || true
    fi
    if [ -x "$ours/node" ]; then PATH=$ours:$PATH; fi
    hash -r
    node_is_there && return 0
  fi
  found=$(node_version)
  die "Node $node_needed or newer with npm is needed; ${found:-none} is here." \
    "Get it from https://nodejs.org or your system's package manager, then start again."
}
