# shellcheck shell=bash
# System packages, where apt is the one who brings them.

# A compiler and a linker; git, because the engine keeps its snapshots with it.
packages_for_building="build-essential pkg-config git ca-certificates"
# What the engine's box is made with, and WebKit's own.
# shellcheck disable=SC2034 # the server has no box
packages_for_the_box="bubblewrap"
# The webview, and what its sandbox and a window with text and links need at run time.
# shellcheck disable=SC2034 # not everything opens a window
packages_for_the_window="libwebkit2gtk-4.1-dev libdbus-1-dev xdg-dbus-proxy xdg-utils fonts-dejavu-core"
# What commands are tried with that a person's own day is made of: the system's, because a box has no other person's home.
# 140 MB to fetch, 800 MB on the disk; ruby, which code blocks are run with too, is 7 MB of it.
packages_for_a_days_work="cargo golang-go default-jdk-headless ruby"
# shellcheck disable=SC2034 # only the tests use it
# The webview driven without a screen, a browser for the page of the server, the database that can be under that, what
# the tests look at processes and pictures with, and what reads these scripts.
packages_for_testing="webkit2gtk-driver chromium chromium-driver postgresql xvfb xauth dbus dbus-x11 imagemagick xdotool procps gnome-keyring python3-pytest python3-pip perl shellcheck $packages_for_a_days_work"

missing_packages() {
  local known package
  # A package whose triggers are still to run is as good as installed.
  known=" $(dpkg-query -W -f '${db:Status-Status}=${Package} ' "$@" 2>/dev/null || true)"
  for package in "$@"; do
    case $known in
      *" installed=$package "* | *" triggers-pending=$package "* | *" triggers-awaited=$package "*) ;;
      *) printf ' %s' "$package" ;;
    esac
  done
}

# Fills as_root with what makes a command root's, and fails when nothing does.
as_root=()
become_root() {
  [ "$(id -u)" -ne 0 ] || return 0
  has sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; } && as_root=(sudo)
}

# ensure_packages NAME…: installs those that are not there, or says the one command that does.
ensure_packages() {
  has apt-get || return 0
  local missing install asking='su -c'
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  # --no-remove: a package of the person's own is never given up for one of ours without being asked.
  install="apt-get install -y --no-install-recommends --no-remove -o DPkg::Lock::Timeout=300$missing"
  if ! become_root; then
    ! has sudo || asking='sudo sh -c'
    die "System packages are missing, and installing them takes root. Run this, then start again:" "" \
      "  $asking 'apt-get update; $install'" ""
  fi
  say "installing system packages:$missing"
  update_apt_index
  # shellcheck disable=SC2086 # a list of words on purpose
  quietly ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive $install || die "apt could not install:$missing"
  hash -r
}

# An index that cannot be refreshed (one dead third-party source is enough) need not stop an install.
update_apt_index() {
  quietly ${as_root[@]+"${as_root[@]}"} apt-get update || say "apt-get update failed; going on with the index that is there"
}

# The version apt would install, empty when it knows none.
apt_candidate() {
  has apt-cache || return 0
  apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: \([0-9]*:\)\{0,1\}\([0-9][^ ]*\)$/\2/p'
}
