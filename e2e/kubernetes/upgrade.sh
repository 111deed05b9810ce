#!/usr/bin/env bash
# A newer control plane over older sidecars: an earlier commit's control plane, sidecars and charts are installed, and
# then this checkout's charts over them, while calls go on. The pods keep their sidecars. The cluster is made if there is
# none, and stays; the mesh is installed anew. Ends with "N passed, N failed".
#
#   upgrade.sh [COMMIT]      from that commit; without one, from the oldest whose sidecars are to work
#
# The commit must be in this clone's history; it is built in target/earlier, under a version of its own.
set -uo pipefail

oldest=95d4420
earlier=${1:-$oldest}
wanted=()
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=$(cd "$here/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/weir-upgrade.XXXXXX")
system=weir-system space=shop
before=$home/target/earlier before_version=0.0.9
version=$(sed -n 's/^appVersion: //p' "$home/charts/weir/Chart.yaml")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

. "$here/lib/test.sh"
. "$here/lib/weir.sh"
. "$here/lib/apps.sh"

weir() {
  timeout 120 "$home/weir" "$@"
}

# The earlier commit, as a release of an earlier number.
check_out() {
  git -C "$home" cat-file -e "$earlier^{commit}" 2>/dev/null \
    || { echo "upgrade.sh: $earlier is not in this clone's history; fetch it (git fetch --unshallow)" >&2; return 1; }
  [ "$(git -C "$before" rev-parse HEAD 2>/dev/null)" != "$(git -C "$home" rev-parse "$earlier^{commit}")" ] || return 0
  rm -rf "$before"
  git clone -q --shared "$home" "$before" && git -C "$before" checkout -q "$earlier" || return 1
  local own
  own=$(sed -n 's:^  <version>\(.*\)</version>$:\1:p' "$before/pom.xml")
  sed -i "s:<version>$own</version>:<version>$before_version-SNAPSHOT</version>:" "$before/pom.xml" "$before"/*/pom.xml
  sed -i "s/^\(version\|appVersion\): .*/\1: $before_version/" "$before"/charts/*/Chart.yaml
}

# sidecars VERSION: how many pods of the namespace have that one's.
sidecars() {
  kubectl get pods -o 'jsonpath={range .items[*]}{.spec.initContainers[*].image}{"\n"}{end}' | grep -c "weir-sidecar:$1"
}

load() {
  kubectl run "$1" --image=weir-test/go:dev --image-pull-policy=Never --restart=Never --command -- \
    /echo load "http://cart/hello" 50 "$2"
  kubectl wait --for=jsonpath='{.status.phase}'=Running "pod/$1" --timeout=120s
}

# --- tests

sidecars_of_the_earlier_one_are_in_force() {
  app cart python
  app stock go
  caller "$space" frontend
  caller "$space" batch
  kubectl rollout status deployment/cart --timeout=120s
  kubectl rollout status deployment/stock --timeout=120s
  kubectl wait --for=condition=Ready pod/frontend pod/batch --timeout=120s
  kubectl apply -f - <<YAML
apiVersion: weir.dev/v1alpha1
kind: AuthenticationPolicy
metadata: {name: strict}
spec: {targetRefs: [{group: "", kind: Namespace, name: shop}], mtls: {mode: Strict}}
---
apiVersion: weir.dev/v1alpha1
kind: AuthorizationPolicy
metadata: {name: stock}
spec:
  targetRefs: [{group: "", kind: Service, name: stock}]
  action: Allow
  rules: [{from: [{serviceAccounts: [shop/frontend]}]}]
YAML
  await_condition authnpol strict Programmed True
  await_condition authzpol stock Programmed True
  [ "$(sidecars "$before_version")" = 6 ]
  await "403 Forbidden" batch http://stock/secret
  call frontend http://stock/secret | grep "200 OK"
}

control_plane_is_replaced_under_load_and_no_call_fails() {
  load caller 60
  timeout 60 helm upgrade weir-crds "$home/charts/weir-crds" --wait
  timeout 180 helm upgrade weir "$home/charts/weir" -n "$system" --reset-then-reuse-values --set "tag=$version" \
    --wait --timeout 170s
  local said end=$((SECONDS + 120))
  until said=$(kubectl logs caller -c caller | tail -n 1) && grep '"sent"' <<<"$said"; do
    [ $SECONDS -lt $end ] || fail "the load does not end: $said" || return 1
    sleep 1
  done
  grep '"failed":0,' <<<"$said"
  kubectl delete pod caller --grace-period=1
  [ "$(sidecars "$before_version")" = 6 ]
}

older_sidecars_are_in_sync_and_policies_in_force() {
  local end=$((SECONDS + 60)) said
  until said=$(weir status -k -n shop) && [ "$(grep -c " $before_version, live .*in sync" <<<"$said")" = 6 ]; do
    [ $SECONDS -lt $end ] || fail "$said" || return 1
    sleep 1
  done
  weir version -k | grep "^control plane *$version"
  await_condition authnpol strict Programmed True
  await_condition authzpol stock Programmed True
  await "403 Forbidden" batch http://stock/secret
}

policy_that_changes_reaches_older_sidecars() {
  kubectl patch authzpol stock --type=merge -p '{"spec": {"rules": [{"from": [{"serviceAccounts": ["shop/batch"]}]}]}}'
  await "200 OK" batch http://stock/secret
  await "403 Forbidden" frontend http://stock/secret
  kubectl apply -f - <<YAML
apiVersion: weir.dev/v1alpha1
kind: RateLimitPolicy
metadata: {name: exports}
spec:
  targetRefs: [{group: "", kind: Service, name: cart}]
  limits: [{name: exports, scope: Replica, rate: 1/h, burst: 2, matches: [{path: {type: PathPrefix, value: /export}}]}]
YAML
  await_condition ratepol exports Programmed True
  await "429 Too Many" frontend http://cart/export
}

newer_and_older_sidecars_call_each_other_under_strict() {
  kubectl rollout restart deployment/stock
  kubectl rollout status deployment/stock --timeout=120s
  local pod end=$((SECONDS + 30))
  until [ "$(sidecars "$version") $(sidecars "$before_version")" = "2 4" ]; do # those that end are still listed
    [ $SECONDS -lt $end ] || fail "$(kubectl get pods -o wide)" || return 1
    sleep 0.5
  done
  await "200 OK" batch http://stock/secret
  await "403 Forbidden" frontend http://stock/secret
  pod=$(kubectl get pods -l app=stock -o 'jsonpath={.items[0].metadata.name}')
  kubectl exec "$pod" -c app -- /echo load http://cart/hello 5 2 | grep '"failed":0,'
}

# --- the cluster and its images

step "the commit $earlier"
check_out || exit 1
step "the cluster"
said=$("$here/cluster.sh" up) || exit 1
export KUBECONFIG=${said##*$'\n'}
PATH=$("$here/build.sh" kubectl helm | tail -n 1):$PATH
step "images of $before_version and of $version"
mapfile -t images < <("$before/e2e/kubernetes/images.sh" sidecar control-plane; "$here/images.sh")
[ ${#images[@]} -gt 2 ] && "$here/cluster.sh" load "${images[@]}" || exit 1
step "the mesh of $before_version"
timeout 90 kubectl delete namespace "$space" --ignore-not-found --timeout=80s >/dev/null
timeout 60 helm uninstall weir -n "$system" --wait >/dev/null 2>&1
timeout 60 helm upgrade --install weir-crds "$before/charts/weir-crds" --wait >/dev/null || exit 1
timeout 180 helm upgrade --install weir "$before/charts/weir" -n "$system" --create-namespace \
  --set imagePullPolicy=Never --set "tag=$before_version" --set controlPlane.replicas=2 --wait --timeout 170s >/dev/null || exit 1
kubectl create namespace "$space" >/dev/null
kubectl label namespace "$space" weir.dev/inject=enabled >/dev/null

try sidecars_of_the_earlier_one_are_in_force
try control_plane_is_replaced_under_load_and_no_call_fails
try older_sidecars_are_in_sync_and_policies_in_force
try policy_that_changes_reaches_older_sidecars
try newer_and_older_sidecars_call_each_other_under_strict

conclude
