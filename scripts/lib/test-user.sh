# shellcheck shell=bash
# Who runs the tests. Browsers and PostgreSQL refuse root, and a permission test passes vacuously under it; so when
# root starts the tests, root builds (the toolchain may live in a home nobody else can enter) and an ordinary user
# runs what was built, through as-test-user.

test_user=cowork-test
runner=$root/scripts/lib/as-test-user

test_user_can() {
  setpriv --reuid=$test_user --regid=$test_user --init-groups --inh-caps=-all -- test "$@"
}

# prepare_test_user ARGUMENT…: may go on in a copy of the tree, with the same arguments.
prepare_test_user() {
  scratch=$(mktemp -d /tmp/cowork-test.XXXXXX)
  trap 'rm -rf "$scratch"' EXIT
  mkdir -p "$target/screens" "$target/tmp"
  COWORK_TEST_PATH=$PATH
  if [ "$(id -u)" -eq 0 ]; then
    if [ "$system" != linux ]; then die "Run the tests as an ordinary user."; fi
    id $test_user >/dev/null 2>&1 || useradd --create-home --shell /bin/bash $test_user
    if ! test_user_can -r "$root/Cargo.toml" || ! test_user_can -x "$target/screens"; then
      go_on_in_a_copy "$@"
    fi
    # The folders tests write to. The rest of the tree stays out of their reach.
    chown $test_user:$test_user "$scratch"
    chown -R $test_user:$test_user "$target/screens" "$target/tmp"
    COWORK_TEST_PATH=$(dirname "$(command -v node || echo /usr/bin/node)"):/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
  fi
  export COWORK_TEST_USER=$test_user COWORK_TEST_SCRATCH=$scratch COWORK_TEST_PATH
  # Snapshots are compared, never written, and not looked for by asking a cargo the test user may not have.
  export INSTA_UPDATE=no INSTA_WORKSPACE_ROOT=$root
}

# A clone in root's home is out of the test user's sight: work on a copy, kept from run to run so that the build is.
go_on_in_a_copy() {
  local copy=/var/cache/cowork-test/tree
  say "$test_user cannot reach $root or its build folder; going on in a copy at $copy"
  mkdir -p "$copy"
  chmod 755 /var/cache/cowork-test "$copy"
  find "$copy" -mindepth 1 -maxdepth 1 ! -name target ! -name ui ! -name scripts -exec rm -rf {} +
  find "$copy/ui" "$copy/scripts" -mindepth 1 -maxdepth 1 ! -name node_modules ! -name engine ! -name node -exec rm -rf {} + 2>/dev/null || true
  tar -C "$root" --exclude=./target --exclude=./.git --exclude=node_modules --exclude=./ui/dist --exclude=./ui/dist-cloud -cf - . |
    tar -C "$copy" --no-same-owner -xf -
  chmod -R a+rX "$copy"
  rm -rf "$scratch"
  unset CARGO_TARGET_DIR
  exec "$copy/scripts/$(basename "$0")" "$@"
}
