#!/usr/bin/env bash
# Gateway API's conformance suite, of its own version and with its own CRDs, against Weir in a real cluster: the
# profiles of meshes, with all of their features. The cluster is made if there is none, and stays; Weir is installed
# anew. Ends with "N passed, N failed"; what each test saw is in target/conformance/log.
#
#   conformance.sh [--report] [TEST]   all tests, or the one that the suite calls so, as MeshConsumerRoute
#
# The suite's own report is target/conformance/report.yaml; --report puts it, if all tests have passed, into
# e2e/kubernetes/conformance too.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=$(cd "$here/../.." && pwd)
out=$home/target/conformance
system=weir-system spaces=(gateway-conformance-mesh gateway-conformance-mesh-consumer)

. "$here/lib/test.sh"
. "$here/lib/weir.sh"

# Those of the mesh's profiles, all nine; and what is of routes in general and these profiles' tests ask for besides.
features=(
  MeshClusterIPMatching MeshConsumerRoute MeshHTTPRouteBackendRequestHeaderModification MeshHTTPRouteNamedRouteRule
  MeshHTTPRouteQueryParamMatching MeshHTTPRouteRedirectPath MeshHTTPRouteRedirectPort MeshHTTPRouteRewritePath
  MeshHTTPRouteSchemeRedirect
  HTTPRoute303RedirectStatusCode HTTPRoute307RedirectStatusCode HTTPRoute308RedirectStatusCode HTTPRouteParentRefPort
  HTTPRouteResponseHeaderModification)

fail() {
  echo "conformance.sh: $*" >&2
  exit 1
}

report=false test=
for word; do
  case $word in
    --report) report=true ;;
    -*) echo "usage: conformance.sh [--report] [TEST]" >&2; exit 2 ;;
    *) test=$word ;;
  esac
done
[ -z "$test" ] || ! $report || fail "a report is of all tests"

step "the cluster"
said=$("$here/cluster.sh" up) || exit 1
export KUBECONFIG=${said##*$'\n'}
programs=$("$here/build.sh" kubectl helm gateway-conformance | tail -n 1)
PATH=$programs:$PATH
step "its images"
mapfile -t images < <("$here/images.sh" sidecar control-plane gateway)
[ ${#images[@]} = 3 ] && "$here/cluster.sh" load "${images[@]}" || exit 1
step "the mesh"
timeout 90 kubectl delete namespace "${spaces[@]}" --ignore-not-found --timeout=80s >/dev/null || exit 1
timeout 60 kubectl apply --server-side -f "$programs/gateway-crds" >/dev/null || fail "the CRDs cannot be installed"
install_weir
step "the suite"
mkdir -p "$out"
rm -f "$out/report.yaml"
version=$(sed -n 's:^  <version>\(.*\)</version>$:\1:p' "$home/pom.xml")
only=(--report-output="$out/report.yaml")
[ -z "$test" ] || only=(--run-test="$test")
# (The report must name a page and a contact; there are none but what is in the repository.)
(cd "$out" && timeout 1800 "$programs/gateway-conformance" -test.v -test.run '^TestConformance$' -test.timeout 29m \
  --conformance-profiles=MESH-HTTP,MESH-GRPC --supported-features="$(IFS=,; echo "${features[*]}")" \
  --namespace-labels=weir.dev/inject=enabled --organization=weir --project=weir --url=README.md \
  --version="${version%-SNAPSHOT}" --contact="the project's issues" "${only[@]}" >"$out/log" 2>&1)
status=$?

passed=$(grep -c '^    --- PASS: TestConformance/[^/]* ' "$out/log")
failed=$(grep -c '^    --- FAIL: TestConformance/[^/]* ' "$out/log")
sed -nE 's#^    --- (PASS|FAIL): TestConformance/([^/ ]*) (.*)#\1 \2 \3#p' "$out/log" \
  | sed 's/^PASS/ok     /; s/^FAIL/FAILED /'
if [ $status != 0 ] && [ "$failed" = 0 ]; then
  tail -n 20 "$out/log"
  fail "the suite has ended with status $status; see above, and $out/log"
fi
skipped=$(grep -o '^    --- SKIP: TestConformance/Mesh[^/ ]*' "$out/log")
if [ -z "$test" ] && [ -n "$skipped" ]; then
  fail "tests of a mesh were left out, and the features that they ask for are not named here: ${skipped//*\//}"
fi
if $report && [ "$failed" = 0 ]; then
  install -D -m 644 "$out/report.yaml" "$here/conformance/report.yaml"
fi
wanted=("$test")
conclude
