# What the scripts of tests have in common; sourced. "wanted" is set: the patterns of the tests to run, none for all.

equal() {
  [ "$1" = "$2" ] || { echo "expected: $1"; echo "     got: $2"; return 1; }
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
