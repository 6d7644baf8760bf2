#!/usr/bin/env bash
# The live queries under ThreadSanitizer: unit tests, black-box tests, and a short soak. Last line: N passed, N failed.
#   tests/live/tsan.sh [SECONDS_OF_SOAK]      60 by default
#   BUILD=no tests/live/tsan.sh               with what build/tsan holds
set -uo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
if [ "${BUILD:-yes}" != no ]; then scripts/build.sh tsan kalamdb-server test_live test_server || exit 1; fi

reports=$PWD/build/tsan/reports
rm -rf "$reports"
mkdir -p "$reports"
export KALAMDB_BINARIES=$PWD/build/tsan KALAMDB_SCALE_CONNECTIONS=${KALAMDB_SCALE_CONNECTIONS:-1000}
export TSAN_OPTIONS="suppressions=$PWD/tests/live/tsan.supp log_path=$reports/report exitcode=66 second_deadlock_stack=1"
passed=0
failed=0
check() {
  local name=$1
  shift
  printf '\n== %s\n' "$name"
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}
check "unit tests, live" build/tsan/tests/test_live --gtest_brief=1
check "unit tests, server" build/tsan/tests/test_server --gtest_brief=1
check "black-box" tests/blackbox/run.py test_live
check "soak" tests/live/soak.py --seconds "$seconds" --clients 24 --pause 0.1 --drain 300 --no-memory

# A server that a test kills writes what it found and no exit status.
printf '\n== reports\n'
for report in "$reports"/*; do
  [ -s "$report" ] || continue
  failed=$((failed + 1))
  head -n 60 "$report"
done
printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
