#!/usr/bin/env bash
# Weir in a real cluster, as people use it: installed with Helm, a namespace with sidecars, policies by kubectl, and
# what they do to the calls between apps. The cluster is made if there is none, and stays; the mesh is installed anew.
# Ends with "N passed, N failed".
#
#   mesh.sh [PATTERN...]      only the tests whose names match one, as "*limit*"; what they stand on is set up
set -uo pipefail

wanted=("$@")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=$(cd "$here/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/weir-mesh.XXXXXX")
system=weir-system space=shop
version=$(sed -n 's/^appVersion: //p' "$home/charts/weir/Chart.yaml")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

. "$here/lib/test.sh"
. "$here/lib/weir.sh"
. "$here/lib/apps.sh"
. "$here/lib/monitors.sh"

# --- what the tests are written in

# Until the first target's Programmed says $3, and maybe more, of the generation $4 if given.
await_message() {
  local said end=$((SECONDS + 60))
  while
    said=$(kubectl get "$1" "$2" -o "jsonpath={.status.ancestors[0].conditions[?(@.type==\"Programmed\")]}")
    ! grep -q "\"message\":\"$3[\";]" <<<"$said" || ! grep -q "\"observedGeneration\":${4:-}" <<<"$said"
  do
    [ $SECONDS -lt $end ] || fail "$1 $2: not \"$3\": $said" || return 1
    sleep 0.5
  done
}

# page POD PORT PATH: what a pod of Weir's own says on loopback.
page() {
  local out=$work/forward pid port end=$((SECONDS + 20))
  : >"$out"
  command timeout 60 kubectl -n "$system" port-forward "$1" ":$2" >"$out" 2>&1 &
  pid=$!
  until port=$(sed -n 's/^Forwarding from 127.0.0.1:\([0-9]*\) .*/\1/p' "$out") && [ -n "$port" ]; do
    [ $SECONDS -lt $end ] || { cat "$out"; kill "$pid"; return 1; }
    sleep 0.1
  done
  curl -s -m 10 "http://127.0.0.1:$port$3"
  kill "$pid"
  wait "$pid" 2>/dev/null || true
}

control_planes_with_proxies() {
  local pod count=0
  for pod in $(command kubectl -n "$system" get pods -l app.kubernetes.io/name=weir-control-plane -o name); do
    ! page "$pod" 15014 /proxies | grep '"node"' >/dev/null || count=$((count + 1))
  done
  echo "$count"
}

# --- the mesh

install() {
  timeout 90 kubectl delete namespace "$space" outside --ignore-not-found --timeout=80s >/dev/null
  install_weir
  kubectl create namespace "$space" >/dev/null
  kubectl create namespace outside >/dev/null
  kubectl label namespace "$space" weir.dev/inject=enabled >/dev/null
}

start_apps() {
  local end=$((SECONDS + 30))
  until kubectl get serviceaccount default && kubectl -n outside get serviceaccount default; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.3
  done
  app cart python
  app stock go
  app prices node
  caller "$space" frontend
  caller "$space" batch
  caller outside stranger
  kubectl rollout status deployment/cart --timeout=120s
  kubectl rollout status deployment/stock --timeout=120s
  kubectl rollout status deployment/prices --timeout=120s
  kubectl wait --for=condition=Ready pod/frontend pod/batch --timeout=120s
  kubectl -n outside wait --for=condition=Ready pod/stranger --timeout=60s
}

# --- tests

pods_of_the_namespace_get_a_sidecar_and_are_ready() {
  local pods
  start_apps || {
    kubectl get pods
    kubectl describe pods | tail -n 60
    kubectl logs frontend --all-containers --prefix --tail=30
    return 1
  }
  pods=$(kubectl get pods -o 'jsonpath={range .items[*]}{.spec.initContainers[*].name}{"\n"}{end}')
  [ "$(grep -c "^weir-init weir-sidecar$" <<<"$pods")" = 8 ] || fail "$pods"
  ! kubectl -n outside get pod stranger -o yaml | grep weir-sidecar
}

apps_call_each_other_in_three_languages() {
  call frontend http://cart/hello | grep '"app": *"python"'
  call frontend http://stock.shop.svc.cluster.local/hello | grep '"app": *"go"'
  call frontend http://prices/hello | grep '"app": *"node"'
  call frontend http://cart/hello | grep -i '"x-request-id"'
}

strict_refuses_who_is_not_of_the_mesh_and_nobody_else() {
  kubectl -n outside exec stranger -- wget -q -T 10 -O - http://cart.shop/plain | grep '"app"'
  kubectl apply -f - <<YAML
apiVersion: weir.dev/v1alpha1
kind: AuthenticationPolicy
metadata: {name: strict}
spec: {targetRefs: [{group: "", kind: Namespace, name: shop}], mtls: {mode: Strict}}
YAML
  await_condition authnpol strict Programmed True
  call frontend http://cart/hello | grep '"app": *"python"'
  ! kubectl -n outside exec stranger -- wget -q -T 5 -O - http://cart.shop/plain || return 1
  # The kubelet's probes pass.
  [ "$(kubectl get deployment cart -o 'jsonpath={.status.readyReplicas}')" = 2 ]
}

metrics_are_read_by_who_is_not_of_the_mesh_under_strict_too() {
  local pod address said _
  for _ in {1..20}; do call frontend http://cart/hello; done >/dev/null
  pod=$(kubectl get pods -l app=cart -o 'jsonpath={.items[0].metadata.name}')
  address=$(kubectl get pod "$pod" -o 'jsonpath={.status.podIP}')
  [ "$(kubectl get pod "$pod" -o 'jsonpath={.metadata.annotations.prometheus\.io/port}')" = 15020 ] || fail "no port to read"
  said=$(kubectl -n outside exec stranger -- wget -q -T 10 -O - "http://$address:15020/stats/prometheus") || fail "not read" || return 1
  grep '^weir_requests_total{reporter="destination",.*destination_service="cart"' <<<"$said" || fail "$said" || return 1
  # The port has nothing else.
  ! kubectl -n outside exec stranger -- wget -q -T 5 -O - "http://$address:15020/config_dump"
}

# The operator makes of them what Prometheus goes by: each pod's port by its name, and the control plane's.
operator_of_prometheus_takes_the_monitors_of_the_chart() {
  local ports
  apply_monitors
  prometheus_configuration outside >"$work/prometheus.yaml" || fail "$(cat "$work/prometheus.yaml")" || return 1
  job podMonitor/weir-system/weir-sidecars/0 >"$work/job"
  grep -x "  metrics_path: /stats/prometheus" "$work/job"
  grep -A 2 "__meta_kubernetes_pod_container_port_name" "$work/job" | grep -x "    regex: weir-metrics"
  ports=$(kubectl get pods -o 'jsonpath={range .items[*].spec.initContainers[*].ports[*]}{.name}:{.containerPort}{"\n"}{end}')
  [ "$(grep -c "^weir-metrics:15020$" <<<"$ports")" = 8 ] || fail "not a port in each of 8 pods: $ports" || return 1
  job serviceMonitor/weir-system/weir-control-plane/0 >"$work/job"
  grep -x "  metrics_path: /metrics" "$work/job"
  grep -A 1 "__meta_kubernetes_endpoint_port_name" "$work/job" | grep -x "    regex: http-metrics"
  kubectl -n "$system" get service weir-control-plane -o 'jsonpath={.spec.ports[*].name}' | grep -w http-metrics
  remove_monitors
}

# job NAME: what the configuration says of it.
job() {
  sed -n "/^- job_name: ${1//\//\\/}\$/,/^[-a-z]/p" "$work/prometheus.yaml" | grep . || fail "no job $1"
}

limit_is_in_force() {
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
  call frontend http://cart/other | grep "200 OK"
}

only_who_is_allowed_calls() {
  kubectl apply -f - <<YAML
apiVersion: weir.dev/v1alpha1
kind: AuthorizationPolicy
metadata: {name: stock}
spec:
  targetRefs: [{group: "", kind: Service, name: stock}]
  action: Allow
  rules: [{from: [{serviceAccounts: [shop/frontend]}]}]
YAML
  await_condition authzpol stock Programmed True
  await "403 Forbidden" batch http://stock/secret | grep -i "x-weir-cause: forbidden"
  call frontend http://stock/secret | grep "200 OK"
}

breaker_opens_at_the_caller() {
  kubectl apply -f - <<YAML
apiVersion: weir.dev/v1alpha1
kind: ResiliencePolicy
metadata: {name: cart}
spec:
  targetRefs: [{group: "", kind: Service, name: cart}]
  circuitBreaker: {trip: {consecutiveFailures: 3}, openFor: 600s}
YAML
  await_condition respol cart Programmed True
  local i
  for i in 1 2 3; do
    call batch http://cart/status/503 >/dev/null
  done
  await "x-weir-cause: breaker-open" batch http://cart/hello
  call frontend http://cart/hello | grep "200 OK" # another caller has another breaker
}

# By its own address, as the name of a headless Service leads to it, under Strict; what protects the pods as those of
# another Service protects them still.
pod_of_a_headless_service_is_called_by_its_address() {
  kubectl apply -f - <<YAML
apiVersion: v1
kind: Service
metadata: {name: cart-pods}
spec: {clusterIP: None, selector: {app: cart}, ports: [{name: http, port: 8080, targetPort: web}]}
YAML
  local addresses address end=$((SECONDS + 30))
  addresses=$(kubectl get pods -l app=cart -o 'jsonpath={.items[*].status.podIP}')
  for address in $addresses; do
    until kubectl exec frontend -c app -- wget -q -T 5 -O - "http://$address:8080/plain" | grep '"app": *"python"'; do
      [ $SECONDS -lt $end ] || fail "$address is not reached" || return 1
      sleep 0.5
    done
  done
  ! kubectl -n outside exec stranger -- wget -q -T 5 -O - "http://$address:8080/plain" || return 1
  await "429 Too Many" frontend http://cart/export
  kubectl delete service cart-pods
}

# Its pods are made anew while nobody may call them and nothing is left of the limit.
probes_pass_whatever_is_refused() {
  kubectl apply -f - <<YAML
apiVersion: weir.dev/v1alpha1
kind: AuthorizationPolicy
metadata: {name: nobody}
spec: {targetRefs: [{group: "", kind: Service, name: prices}], action: Allow, rules: []}
---
apiVersion: weir.dev/v1alpha1
kind: RateLimitPolicy
metadata: {name: nothing}
spec:
  targetRefs: [{group: "", kind: Service, name: prices}]
  limits: [{name: nothing, scope: Replica, rate: 1/h, burst: 1}]
---
apiVersion: weir.dev/v1alpha1
kind: ResiliencePolicy
metadata: {name: one}
spec: {targetRefs: [{group: "", kind: Service, name: prices}], concurrency: {maxRequests: 1}}
YAML
  await "403 Forbidden" frontend http://prices/hello
  kubectl rollout restart deployment/prices
  kubectl rollout status deployment/prices --timeout=100s
  await "403 Forbidden" frontend http://prices/hello
  kubectl delete authzpol/nobody ratepol/nothing respol/one
}

# It calls over its sidecar, which ends with it.
job_ends_with_its_sidecar() {
  kubectl apply -f - <<YAML
apiVersion: batch/v1
kind: Job
metadata: {name: report}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: app
        image: weir-test/tools:dev
        command: [wget, -q, -T, "10", -O, "-", "http://cart/report"]
        securityContext: $restricted
YAML
  kubectl wait --for=condition=Complete job/report --timeout=60s
  kubectl logs job/report -c app | grep '"app": *"python"'
  [ "$(kubectl get pods -l job-name=report -o 'jsonpath={.items[*].status.phase}')" = Succeeded ]
  kubectl delete job report
}

# By its pod's annotation: what it lets in is nobody's business but the app's.
excluded_port_goes_by_the_sidecar() {
  kubectl run open --image=weir-test/go:dev --image-pull-policy=Never --restart=Never \
    --annotations=weir.dev/exclude-inbound-ports=8080 \
    --overrides="{\"spec\": {\"terminationGracePeriodSeconds\": 1}}"
  kubectl wait --for=condition=Ready pod/open --timeout=60s
  local address
  address=$(kubectl get pod open -o 'jsonpath={.status.podIP}')
  kubectl -n outside exec stranger -- wget -q -T 5 -O - "http://$address:8080/plain" | grep '"app": *"go"'
  kubectl delete pod open
}

wrong_policy_is_refused_or_says_so() {
  ! kubectl apply -f - <<YAML || return 1
apiVersion: weir.dev/v1alpha1
kind: ResiliencePolicy
metadata: {name: wrong}
spec: {targetRefs: [{group: "", kind: Service, name: cart}], timeouts: {request: 5 s}}
YAML
  kubectl apply -f - <<YAML
apiVersion: weir.dev/v1alpha1
kind: ResiliencePolicy
metadata: {name: lost}
spec: {targetRefs: [{group: "", kind: Service, name: crt}], timeouts: {request: 5s}}
YAML
  await_condition respol lost Accepted False | grep "Service shop/crt does not exist"
}

# weir WORD...: the command line, of this cluster.
weir() {
  timeout 120 "$home/weir" "$@"
}

status_has_every_sidecar_in_sync() {
  local said
  said=$(weir status -k) || fail "$said" || return 1
  [ "$(grep -c "in sync" <<<"$said")" = 8 ] || fail "$said"
  grep "shop/frontend .*, live " <<<"$said"
  page deployment/weir-control-plane 15020 /metrics | grep '^weir_proxies{state="in sync"} 8'
  weir proxy-status -n shop -o json | grep '"inSync": true'
  [ "$(weir status -n outside 2>&1; echo $?)" != 0 ]
}

config_has_what_a_sidecar_has_in_force() {
  weir config -n "$space" frontend routes | grep "outbound|80|shop/cart"
  weir config -n "$space" frontend clusters | grep "outbound|80|shop/stock .*EDS"
  weir config -n "$space" frontend endpoints | grep "outbound|80|shop/cart .*:8080 .*healthy"
  weir proxy-config shop/frontend listeners -o yaml -k | grep "dynamic_listeners:"
}

explain_has_a_request_over_its_hops() {
  local id _
  { for _ in {1..8}; do call frontend http://cart/hello; done; } >/dev/null &
  weir tap -n "$space" frontend --direction outbound --path /hello --for 12s -o json >"$work/tapped"
  wait $!
  id=$(grep -m1 -o '"request_id": *"[^"]*"' "$work/tapped" | cut -d'"' -f4)
  [ -n "$id" ] || fail "tap shows no call: $(cat "$work/tapped")" || return 1
  weir explain -n "$space" "$id" >"$work/story" || return 1
  grep "^out of $space/frontend.*  GET /hello" "$work/story" || fail "$(cat "$work/story")" || return 1
  grep "^  into $space/cart.*  GET /hello" "$work/story" || fail "$(cat "$work/story")"
}

live_page_is_had_by_port_forwarding() {
  local page tries=0 url base jar=$work/cookies
  timeout 120 "$home/weir" ui -n "$space" --no-open --port 0 >"$work/ui" 2>&1 &
  page=$!
  until url=$(sed -n 's/.* is at \(http:.*\)/\1/p' "$work/ui") && [ -n "$url" ]; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] && kill -0 $page || fail "$(cat "$work/ui")" || return 1
    sleep 0.2
  done
  base=${url%%/ui/*}
  curl -s -L -c "$jar" -b "$jar" -o /dev/null "$url"
  curl -s -m 30 -b "$jar" "$base/api/v1/topology" >"$work/topology"
  curl -s -m 30 -b "$jar" "$base/api/v1/requests" >"$work/requests"
  kill $page
  wait $page || true
  grep "\"name\":\"$space/cart\"" "$work/topology" || fail "$(cat "$work/topology")" || return 1
  grep '^{"requests":' "$work/requests" || fail "$(cat "$work/requests")"
}

describe_has_the_policies_that_hold() {
  local said
  said=$(weir describe -n "$space" cart) || fail "$said" || return 1
  grep "Strict" <<<"$said" && grep "limits\[exports\]" <<<"$said" && grep "2 of 2 ready, each with a sidecar" <<<"$said"
}

no_sidecar_has_made_a_mistake() {
  local pod
  for pod in $(kubectl get pods -o name); do
    kubectl logs "$pod" -c weir-sidecar 2>/dev/null || true # not each has one
  done >"$work/sidecars.log"
  [ -s "$work/sidecars.log" ] || fail "no sidecar says anything" || return 1
  ! mistakes "$work/sidecars.log"
}

plugin_of_kubectl_is_the_command_line() {
  # Without the flags that the function has: kubectl takes none before a plugin's name.
  timeout 120 env "PATH=$home:$PATH" kubectl weir version | grep "^control plane "
  timeout 120 env "PATH=$home:$PATH" kubectl weir describe -n "$space" stock | grep "AuthorizationPolicy shop/stock"
}

report_of_a_pod_has_its_configuration_and_no_key() {
  local file=$work/report.tar.gz
  weir bug-report -n "$space" frontend --file "$file" || return 1
  tar -xzf "$file" -C "$work"
  ls "$work"/weir-bug-report-*/sidecar/frontend/config_dump.txt "$work"/weir-bug-report-*/control-plane/*/control-plane.log || return 1
  ! grep -rlE "PRIVATE KEY-----|eyJ[A-Za-z0-9_-]{20}" "$work"/weir-bug-report-*
}

# upgraded WORD...: the release with other values.
upgraded() {
  timeout 180 helm upgrade weir "$home/charts/weir" -n "$system" --reuse-values --wait --timeout 170s "$@"
}

several_control_planes_are_one_in_the_status() {
  upgraded --set controlPlane.replicas=2
  local all=8 end=$((SECONDS + 100))
  # New pods come to either: until both have some.
  while [ "$(control_planes_with_proxies)" -lt 2 ]; do
    [ $SECONDS -lt $end ] || fail "all streams are at one control plane" || return 1
    kubectl rollout restart deployment/stock
    kubectl rollout status deployment/stock --timeout=100s
  done
  await_message authnpol strict "in force in $all of $all proxies"
  kubectl patch authnpol strict --type=merge -p '{"spec": {"mtls": {"mode": "Permissive"}}}'
  await_message authnpol strict "in force in $all of $all proxies" 2
  kubectl patch authnpol strict --type=merge -p '{"spec": {"mtls": {"mode": "Strict"}}}'
  await_message authnpol strict "in force in $all of $all proxies" 3
}

release_that_is_rolled_back_serves_on() {
  timeout 180 helm rollback weir -n "$system" --wait --timeout 170s
  [ "$(kubectl -n "$system" get deployment weir-control-plane -o 'jsonpath={.spec.replicas}')" = 1 ]
  call frontend http://cart/hello | grep "200 OK"
  await_condition authnpol strict Programmed True
}

# A sidecar that is a container beside the app's, as where native sidecars are forbidden, of the edge profile.
small_sidecar_in_the_classic_form_serves() {
  upgraded -f "$home/charts/weir/values-edge.yaml" --set sidecar.native=false
  kubectl rollout restart deployment/prices
  kubectl rollout status deployment/prices --timeout=100s
  local pod end=$((SECONDS + 40))
  until [ "$(kubectl get pods -l app=prices -o name | wc -l)" = 2 ]; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.5
  done
  pod=$(kubectl get pods -l app=prices -o 'jsonpath={.items[0].spec.containers[*].name} {.items[0].spec.containers[?(@.name=="weir-sidecar")].resources.limits.memory}')
  [ "$(tr ' ' '\n' <<<"$pod" | sort | xargs)" = "96Mi app weir-sidecar" ] || fail "$pod"
  call frontend http://prices/hello | grep "200 OK"
  await_message authnpol strict "in force in 8 of 8 proxies"
  timeout 180 helm rollback weir -n "$system" --wait --timeout 170s
  kubectl rollout restart deployment/prices
  kubectl rollout status deployment/prices --timeout=100s
}

# A second installation, which one workload moves to, and back: one mesh with one status.
revision_serves_beside_the_other() {
  timeout 180 helm install weir-next "$home/charts/weir" -n "$system" --set imagePullPolicy=Never,revision=next \
    --set "tag=$version" --wait --timeout 170s
  kubectl patch deployment stock --type=merge -p '{"spec": {"template": {"metadata": {"labels": {"weir.dev/rev": "next"}}}}}'
  kubectl rollout status deployment/stock --timeout=100s
  weir status -k | grep "shop/stock-.* in sync .*weir-control-plane-next-"
  weir status -k | grep "shop/cart-.* in sync .*weir-control-plane-[0-9a-f]*-"
  call frontend http://stock/hello | grep "200 OK"
  await "403 Forbidden" batch http://stock/secret | grep -i "x-weir-cause: forbidden"
  await_message authnpol strict "in force in 8 of 8 proxies"
  weir precheck -k | grep "^ok *revisions *installed: next"
  kubectl patch deployment stock --type=merge -p '{"spec": {"template": {"metadata": {"labels": {"weir.dev/rev": null}}}}}'
  kubectl rollout status deployment/stock --timeout=100s
  timeout 90 helm uninstall weir-next -n "$system" --wait
  await_message authnpol strict "in force in 8 of 8 proxies"
  call frontend http://stock/hello | grep "200 OK"
}

control_plane_that_is_gone_stops_changes_alone() {
  kubectl -n "$system" delete pod -l app.kubernetes.io/name=weir-control-plane --wait=false
  local i
  for i in 1 2 3 4 5 6 7 8 9 10; do
    call frontend http://cart/hello | grep "200 OK"
  done
  kubectl -n "$system" rollout status deployment/weir-control-plane --timeout=120s
  await_condition authnpol strict Programmed True
}

# Until what is Weir's in the cluster, of whatever kind, is $1: names, in order, a line each. Definitions of kinds apart.
await_left() {
  local kinds left end=$((SECONDS + 60))
  kinds=$(kubectl api-resources --verbs=list,delete -o name | grep -v '^customresourcedefinitions\|^events' | paste -sd,)
  while
    left=$(kubectl get "$kinds" -A -l app.kubernetes.io/part-of=weir -o name --ignore-not-found | sort)
    [ "$left" != "$1" ]
  do
    [ $SECONDS -lt $end ] || fail "left are: $left" || return 1
    sleep 1
  done
}

# What pods begin to trust with, in each namespace that has had injected ones; the CA, for who comes back; the Lease.
uninstalling_leaves_what_people_wrote_and_what_runs() {
  local roots
  roots=$(kubectl get configmaps -A -l weir.dev/roots=true -o name)
  timeout 90 helm uninstall weir -n "$system" --wait
  call frontend http://cart/hello | grep "200 OK"
  kubectl get authnpol strict
  await_left "$roots
lease.coordination.k8s.io/weir-control-plane
secret/weir-ca"
  timeout 60 helm uninstall weir-crds --wait
  kubectl get authnpol strict
}

# As docs/kubernetes.md has it, when no pod has a sidecar any more.
what_is_left_goes_by_its_label() {
  kubectl label namespace "$space" weir.dev/inject-
  kubectl delete pods --all --wait --timeout=120s
  kubectl rollout status deployment/cart --timeout=120s
  [ -z "$(kubectl get pods -o 'jsonpath={.items[*].spec.initContainers[*].name}')" ]
  command kubectl delete configmaps -A -l weir.dev/roots=true
  kubectl -n "$system" delete secrets,leases -l app.kubernetes.io/part-of=weir
  await_left ""
  kubectl delete crds -l app.kubernetes.io/part-of=weir
  [ -z "$(kubectl get crds -o name | grep weir.dev)" ]
}

# --- the cluster and its images

step "the cluster"
said=$("$here/cluster.sh" up) || exit 1
export KUBECONFIG=${said##*$'\n'}
programs=$("$here/build.sh" kubectl helm prometheus-operator | tail -n 1)
PATH=$programs:$PATH
step "its images"
mapfile -t images < <("$here/images.sh")
[ ${#images[@]} -gt 0 ] && "$here/cluster.sh" load "${images[@]}" || exit 1
step "the mesh"
begun=$SECONDS
install
step "installed in $((SECONDS - begun)) s"

try pods_of_the_namespace_get_a_sidecar_and_are_ready
try apps_call_each_other_in_three_languages
try strict_refuses_who_is_not_of_the_mesh_and_nobody_else
try metrics_are_read_by_who_is_not_of_the_mesh_under_strict_too
try operator_of_prometheus_takes_the_monitors_of_the_chart
try limit_is_in_force
try only_who_is_allowed_calls
try breaker_opens_at_the_caller
try pod_of_a_headless_service_is_called_by_its_address
try probes_pass_whatever_is_refused
try job_ends_with_its_sidecar
try excluded_port_goes_by_the_sidecar
try wrong_policy_is_refused_or_says_so
try status_has_every_sidecar_in_sync
try config_has_what_a_sidecar_has_in_force
try explain_has_a_request_over_its_hops
try live_page_is_had_by_port_forwarding
try describe_has_the_policies_that_hold
try plugin_of_kubectl_is_the_command_line
try report_of_a_pod_has_its_configuration_and_no_key
try several_control_planes_are_one_in_the_status
try release_that_is_rolled_back_serves_on
try small_sidecar_in_the_classic_form_serves
try revision_serves_beside_the_other
try control_plane_that_is_gone_stops_changes_alone
try no_sidecar_has_made_a_mistake
try uninstalling_leaves_what_people_wrote_and_what_runs
try what_is_left_goes_by_its_label

conclude
