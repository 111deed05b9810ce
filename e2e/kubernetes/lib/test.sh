# What the scripts of tests in a cluster have in common; sourced. "home", "work" and "wanted" are set: the checkout, a
# folder of the script's own, and the patterns of the tests to run, none for all.

. "$home/scripts/test/lib.sh"
passed=0 failed=0

step() {
  echo "$(date +%T) $*" >&2
}

# Runs the test $1, a function whose name is a sentence, in a shell of its own.
try() {
  local begun=$SECONDS status
  is_wanted "$1" || return 0
  # (As a condition it would go on after what fails.)
  (set -e; "$1") >"$work/log" 2>&1
  status=$?
  if [ $status = 0 ]; then
    passed=$((passed + 1))
    echo "ok      ${1//_/ } ($((SECONDS - begun)) s)"
  else
    failed=$((failed + 1))
    echo "FAILED  ${1//_/ }"
    sed 's/^/        /' "$work/log"
  fi
}
