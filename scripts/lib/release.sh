# shellcheck shell=bash
# The release builds, and when they are skipped: cargo alone takes most of a second to find that nothing is to be
# done, npm more; a fingerprint over the sources takes hundredths.

release=$target/release
# A binary carries its own user interface only with this feature; the same everywhere, so that the dependencies
# are compiled once.
app_features=tauri/custom-protocol

# What a build could read, which is everything but what no build reads.
sources_fingerprint() {
  local entries=() entry
  for entry in "$root"/* "$root/.cargo"; do
    case ${entry##*/} in
      docs | scripts | tests | benches | target | gen | *.md | LICENSE) ;;
      *) entries+=("$entry") ;;
    esac
  done
  fingerprint "${entries[@]}"
}

app_is_current() {
  [ -x "$release/cowork-app$exe" ] && [ -x "$release/cowork$exe" ] && [ -x "$release/cowork-box$exe" ] &&
    stamped "$target/app.stamp" "$(sources_fingerprint)"
}

build_app() {
  local sources
  sources=$(sources_fingerprint)
  build_ui
  say "building the app (the first time takes minutes)"
  (cd "$root" && cargo build --release --locked --features $app_features -p cowork-app -p cowork-cli -p cowork-toolbox) >&2 ||
    die "The app did not build; see above."
  stamp "$target/app.stamp" "$sources"
  stamp "$target/command-line.stamp" "$sources"
}

# The command line alone needs neither a webview nor the user interface's build.
command_line_is_current() {
  [ -x "$release/cowork$exe" ] && [ -x "$release/cowork-box$exe" ] && stamped "$target/command-line.stamp" "$(sources_fingerprint)"
}

build_command_line() {
  local sources
  sources=$(sources_fingerprint)
  say "building the command line (the first time takes minutes)"
  (cd "$root" && cargo build --release --locked -p cowork-cli -p cowork-toolbox) >&2 || die "The command line did not build; see above."
  stamp "$target/command-line.stamp" "$sources"
}

# The org's server, with its page in it.
cloud_is_current() {
  [ -x "$release/open-cowork-cloud$exe" ] && stamped "$target/cloud.stamp" "$(sources_fingerprint)"
}

build_cloud() {
  local sources
  sources=$(sources_fingerprint)
  build_cloud_page
  say "building the server (the first time takes minutes)"
  (cd "$root" && cargo build --release --locked -p cowork-cloud) >&2 || die "The server did not build; see above."
  stamp "$target/cloud.stamp" "$sources"
}
