# Mutation runs by PIT; sourced by scripts/verify.sh. What is mutated, and which tests must notice: one area
# a line. The tests of an area are those of its package, and the socket tests that aim at it and are quick.
# Slow ones are left out: each mutant that nothing notices runs all tests that reach its line.

# Area, module, package, tests without the package dev.weir.sidecar or dev.weir.control.
mutant_areas() {
  cat <<'TEXT'
route     sidecar       route               route.*Test,http.HeaderRulesTest
http.h1   sidecar       http.h1             http.h1.B*Test,http.h1.H*Test,http.h1.MalformedRequestTest,http.h1.MessageLengthTest,http.h1.MutatedRequestTest,http.Http1ProxyTest,http.MalformedBodyTest,http.UpgradeTest,transparency.Http1*Test
cluster   sidecar       cluster             cluster.H*Test,cluster.L*Test,cluster.O*Test,cluster.R*Test
xds.store sidecar       xds.store           xds.store.ConfigStoreTest,xds.store.F*Test,xds.store.R*Test,xds.store.T*Test
compile   control-plane compile             compile.VirtualAddressesTest,compile.xds.CompilerGoldenTest,compile.xds.MissingBackendTest
router    sidecar       filter.http.router  filter.http.router.*Test,resilience.RetryTest,resilience.TimeoutTest,resilience.HedgingTest,resilience.CallerWishesTest
pool      sidecar       pool                pool.*Test,resilience.ThresholdsTest,http.h2.Http2ProxyTest
upstream  sidecar       upstream            upstream.*Test,pool.PlacesTest,resilience.ThresholdsTest,http.Http1ProxyTest,http.h1.MessageLengthTest
server    control-plane server              server.AdsStreamTest,server.DeltaAdsTest,server.P*Test,server.S*Test,server.partial.*Test,server.subscription.*Test,server.tls.S*Test
TEXT
}

mutant_area_names() {
  mutant_areas | awk '{ printf "%s ", $1 } END { print "fields" }'
}

# How many mutants of report $1 have $2 in their head.
mutants_with() {
  grep -c "<mutation [^>]*$2" "$1" || true
}

# Runs area $1; says in a line how it came out. Fails below the strength that pom.xml asks for.
mutants_of() {
  local area module package tests root patterns report status=0 started=$SECONDS
  read -r area module package tests < <(mutant_areas | awk -v area="$1" '$1 == area')
  case $module in
    sidecar) root=dev.weir.sidecar ;;
    control-plane) root=dev.weir.control ;;
  esac
  patterns=$root.${tests//,/,$root.}
  report=$home/$module/target/mutants/$area
  rm -rf "$report"
  mkdir -p "$report"
  # Built already: Maven would do it again for each area.
  maven -q -Dspotless.check.skip -Dprotoc.skip -Dmaven.main.skip -Dmaven.test.skip -Dweir.mutants="$module" -Dweir.mutants.area="$area" -Dweir.mutants.classes="$root.$package.*" \
    -Dweir.mutants.tests="$patterns" -pl "$module" -am process-test-classes >"$report/log" 2>&1 || status=1
  if [ $status != 0 ] && ! grep -q 'below threshold' "$report/log"; then
    cat "$report/log" >&2
    fail "the run over $area ended early; see above"
  fi
  local total killed uncovered covered
  total=$(mutants_with "$report/mutations.xml" "")
  killed=$(mutants_with "$report/mutations.xml" "detected='true'")
  uncovered=$(mutants_with "$report/mutations.xml" "status='NO_COVERAGE'")
  covered=$((total - uncovered))
  printf '%-10s killed %4d of %4d covered, %4d in all; strength %3d %%; %2d min; %s\n' "$area" "$killed" "$covered" \
    "$total" $((covered == 0 ? 0 : (200 * killed + covered) / (2 * covered))) $(((SECONDS - started + 30) / 60)) "${report#"$home"/}/index.html"
  return $status
}

# Takes each honoured field in turn from every message: see FieldMutantsTest.
mutants_of_fields() {
  local report=$home/sidecar/target/mutants/fields status=0 started=$SECONDS
  rm -rf "$report"
  mkdir -p "$report"
  maven -q -Dspotless.check.skip -Dweir.test.excluded=envoy -Dtest=FieldMutantsTest \
    -Dsurefire.failIfNoSpecifiedTests=false -pl sidecar -am test >"$report/log" 2>&1 || status=1
  if [ ! -e "$report/report.txt" ]; then
    cat "$report/log" >&2
    fail "the run over fields ended early; see above"
  fi
  [ $status = 0 ] || grep -A 20 'no test shows' "$report/log" >&2 || cat "$report/log" >&2
  printf '%-10s tried %d; %2d min; %s\n' fields "$(wc -l <"$report/report.txt")" $(((SECONDS - started + 30) / 60)) \
    "${report#"$home"/}/report.txt"
  return $status
}

# Runs the areas that are named, or all.
verify_mutants() {
  local names area status=0
  names=$(mutant_area_names)
  for area in "$@"; do
    case " $names " in
      *" $area "*) ;;
      *) echo "weir verify: \"$area\" is not an area of --mutants; these are: ${names// /, }" >&2; exit 2 ;;
    esac
  done
  # shellcheck disable=SC2086 # they are words
  [ $# -gt 0 ] || set -- $names
  maven -q -Dspotless.check.skip -pl sidecar,control-plane -am process-test-classes
  for area in "$@"; do
    if [ "$area" = fields ]; then
      mutants_of_fields || status=1
    else
      mutants_of "$area" || status=1
    fi
  done
  [ $status = 0 ] || fail "an area is below the strength that it is to have; its report names what no test noticed"
}
