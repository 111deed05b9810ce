# What the scripts of tests have in common; sourced. "wanted" is set: the patterns of the tests to run, none for all.

equal() {
  [ "$1" = "$2" ] || { echo "expected: $1"; echo "     got: $2"; return 1; }
}

# How it went: the status. What could not be run is no success, unless allow_missing is set, and nor is nothing at all.
conclude() {
  local not_run=${not_run:-0}
  echo "$passed passed, $failed failed$([ "$not_run" = 0 ] || echo ", $not_run NOT RUN")"
  if [ $((passed + failed + not_run)) = 0 ]; then
    echo "no test has a name like: ${wanted[*]}" >&2
    return 1
  fi
  if [ "$not_run" != 0 ] && [ -z "${allow_missing:-}" ]; then
    echo "what was NOT RUN, see above, counts as failed; name the tests to run, or say --allow-missing" >&2
    return 1
  fi
  [ "$failed" = 0 ]
}

# What programs say of their own mistakes in logs: each kind of what server.incidents counts, once. Prints it, or fails.
mistakes() {
  grep -a -h "internal error in " "$@" 2>/dev/null
}

is_wanted() {
  local pattern
  [ ${#wanted[@]} -gt 0 ] || return 0
  for pattern in "${wanted[@]}"; do
    # shellcheck disable=SC2053 # it is a pattern
    [[ $1 != $pattern ]] || return 0
  done
  return 1
}
