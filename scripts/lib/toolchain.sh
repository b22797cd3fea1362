# shellcheck shell=bash
# Rust and Node: what is there, else what apt or npm can bring, else where a person gets it.

rust_needed=1.95
node_needed=20.19

rust_version() {
  rustc --version 2>/dev/null | cut -d ' ' -f 2
}

rust_is_there() {
  has cargo && has rustc && version_at_least "$(rust_version)" $rust_needed
}

ensure_rust() {
  # rustup puts its tools where a login shell finds them, which is not every shell.
  local folder
  for folder in "${CARGO_HOME:-$HOME/.cargo}/bin" /usr/lib/rust-*/bin; do
    rust_is_there && return 0
    [ -x "$folder/cargo" ] && PATH=$folder:$PATH
  done
  rust_is_there && return 0
  # Debian keeps a current Rust for its browsers beside the release's own; Ubuntu has versioned ones.
  if has apt-get && ! has rustup; then
    ensure_apt_index
    local candidate suffix
    for suffix in web $(apt-cache search --names-only '^rustc-1\.[0-9]+$' | sed -n 's/^rustc-\(1\.[0-9]*\) .*/\1/p' | sort -rV); do
      candidate=$(apt_candidate "rustc-$suffix")
      if [ -n "$candidate" ] && version_at_least "$candidate" $rust_needed; then
        ensure_packages "rustc-$suffix" "cargo-$suffix"
        [ "$suffix" = web ] || PATH=/usr/lib/rust-$suffix/bin:$PATH
        hash -r
        rust_is_there && return 0
      fi
    done
  fi
  local found
  found=$(rust_version)
  die "Rust $rust_needed or newer is needed; ${found:-none} is here, and apt has no newer one." \
    "Get it from https://rustup.rs${found:+, or run: rustup update stable}, then start again."
}

# What the tests need beyond the compiler: rustup brings both by default, Debian in packages of their own.
ensure_rust_checks() {
  has cargo-clippy && has rustfmt && return 0
  if [ "$(command -v rustc)" = /usr/bin/rustc ] && [ -n "$(apt_candidate rustfmt-web)" ]; then
    ensure_packages rustfmt-web rust-web-clippy
  else
    die "The tests need rustfmt and clippy. With rustup: rustup component add rustfmt clippy"
  fi
}

node_version() {
  node --version 2>/dev/null | tr -d v
}

node_is_there() {
  has node && has npm && version_at_least "$(node_version)" $node_needed
}

ensure_node() {
  local ours=$root/scripts/node/node_modules/node-$system-$machine/bin
  node_is_there && return 0
  [ -x "$ours/node" ] && PATH=$ours:$PATH
  node_is_there && return 0
  if has apt-get; then
    if ! has node; then ensure_packages nodejs npm; elif ! has npm; then ensure_packages npm; fi
    hash -r
    node_is_there && return 0
  fi
  # A system whose own Node is too old can still fetch a newer one from the npm registry, pinned by its hash.
  if has npm && [ "$system" = linux ]; then
    say "Node $(node_version) is too old: taking a newer one for this project from npm"
    if (cd "$root/scripts/node" && quietly npm ci --ignore-scripts) && [ -x "$ours/node" ]; then
      PATH=$ours:$PATH
      hash -r
      node_is_there && return 0
    fi
  fi
  local found
  found=$(node_version)
  die "Node $node_needed or newer with npm is needed; ${found:-none} is here." \
    "Get it from https://nodejs.org or your system's package manager, then start again."
}
