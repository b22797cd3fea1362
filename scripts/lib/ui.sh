# shellcheck shell=bash
# The webview's packages and its build.

ensure_ui_packages() {
  local lock
  # The lockfile and Node's version: packages with native parts are chosen for the Node they run under.
  lock="$(digest <"$root/ui/package-lock.json") $(node_version)"
  stamped "$root/ui/node_modules/.installed" "$lock" && return 0
  say "installing the user interface's packages"
  (cd "$root/ui" && quietly npm ci) || die "npm ci failed in ui/; see above."
  stamp "$root/ui/node_modules/.installed" "$lock"
}

# Builds ui/dist unless what it is made of is unchanged.
build_ui() {
  local inputs
  inputs=$(fingerprint "$root/ui" "$root/open-cowork.config.json")
  [ -d "$root/ui/dist" ] && stamped "$target/ui.stamp" "$inputs" && return 0
  ensure_ui_packages
  say "building the user interface"
  (cd "$root/ui" && quietly npm run build) || die "The user interface did not build; see above."
  stamp "$target/ui.stamp" "$(fingerprint "$root/ui" "$root/open-cowork.config.json")"
}

# Builds ui/dist-cloud, the page of an org's server, unless what it is made of is unchanged.
build_cloud_page() {
  local inputs
  inputs=$(fingerprint "$root/ui")
  [ -d "$root/ui/dist-cloud" ] && stamped "$target/cloud-page.stamp" "$inputs" && return 0
  ensure_ui_packages
  say "building the page of the server"
  (cd "$root/ui" && quietly npm run build:cloud) || die "The page of the server did not build; see above."
  stamp "$target/cloud-page.stamp" "$(fingerprint "$root/ui")"
}
