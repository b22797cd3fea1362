# shellcheck shell=bash
# Steps, their times, and how many tests passed, failed and were skipped over all of them.

passed=0 failed=0 skipped=0
failures=()
logs=$target/test-logs
mkdir -p "$logs"

# add PASSED FAILED SKIPPED
add() {
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

# step NAME COUNTER COMMAND…: runs on after a failure, because the next step may have more to say. A counter reads
# the step's output and calls add; "none" is for steps that are not tests.
step() {
  local name=$1 counter=$2 log=$logs/$1.log begun=$SECONDS code=0
  shift 2
  printf '\n== %s\n' "$name"
  local before=$((passed + failed + skipped)) failed_before=$failed
  "$@" 2>&1 | tee "$log" || code=$?
  if [ "$counter" != none ]; then
    "$counter" "$log"
    # A suite that ran nothing has shown nothing.
    if [ "$code" -eq 0 ] && [ $((passed + failed + skipped)) -eq "$before" ] && [ "$name" != documentation ]; then
      echo "no test ran"
      code=1
    fi
  fi
  if [ "$code" -eq 0 ]; then
    printf '== %s: ok, %d s\n' "$name" $((SECONDS - begun))
  else
    # What fails without a failing test (a lint, a build, a crash) still counts as one.
    [ "$failed" -gt "$failed_before" ] || add 0 1 0
    failures+=("$name")
    printf '== %s: FAILED, %d s\n' "$name" $((SECONDS - begun))
  fi
}

# The sum of the numbers that stand before a pattern's words, as in "3 passed".
sum_of() {
  grep -oE "[0-9]+ ($1)" | awk '{ sum += $1 } END { print sum + 0 }'
}

# Summary [ 1.2s] 12 tests run: 10 passed (1 slow), 1 failed, 1 timed out, 2 skipped
count_nextest() {
  local line
  line=$(sed 's/\x1b\[[0-9;]*m//g' "$1" | grep -E '^ *Summary \[' | tail -n 1 | sed 's/([^)]*)//g') || true
  add "$(sum_of passed <<<"$line")" "$(sum_of 'failed|exec failed|timed out' <<<"$line")" "$(sum_of skipped <<<"$line")"
}

# test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out
count_libtest() {
  local lines
  lines=$(grep -E '^test result: ' "$1") || true
  add "$(sum_of passed <<<"$lines")" "$(sum_of failed <<<"$lines")" "$(sum_of ignored <<<"$lines")"
}

# The JSON report, whose place the step that ran Vitest knows.
count_vitest() {
  [ -s "$vitest_report" ] || return 0
  local numbers
  numbers=$(node -e '
    const report = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
    console.log(report.numPassedTests, report.numFailedTests, report.numPendingTests + report.numTodoTests);
  ' "$vitest_report")
  # shellcheck disable=SC2086 # three words on purpose
  add $numbers
}

# The very last line is the sum, whatever came before it.
finish() {
  printf '\n'
  [ ${#failures[@]} -eq 0 ] || printf 'failed: %s\n' "${failures[*]}"
  printf 'in %d s\n' $((SECONDS - started))
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ ${#failures[@]} -eq 0 ]
}
