#!/usr/bin/env bash
# Weir with its CNI plugin in a real cluster: pods under the Pod Security level "restricted" are members of the mesh, and
# what becomes of pods while the agent of their node is away. The cluster is made if there is none, and stays; the mesh
# is installed anew. Ends with "N passed, N failed".
#
#   cni.sh [PATTERN...]      only the tests whose names match one, as "*agent*"; what they stand on is set up
set -uo pipefail

wanted=("$@")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=$(cd "$here/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/weir-cni.XXXXXX")
system=weir-system space=shop
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

. "$here/lib/test.sh"
. "$here/lib/weir.sh"
. "$here/lib/apps.sh"

# --- what the tests are written in

# Of the node that cluster.sh makes.
node=${WEIR_CLUSTER:-/var/lib/weir-k8s}
confs=$node/cni own=$node/cni/0-weir.conflist
netns=$node/containerd/state/io.containerd.grpc.v1.cri/netns

# What the node has of confs but for Weir's, with their contents.
confs_of_the_node() {
  (cd "$confs" && find . -type f ! -name "${own##*/}" -exec sha256sum {} + | sort -k 2)
}

agents() {
  timeout 60 kubectl -n "$system" rollout status daemonset weir-cni --timeout=55s
}

# agent_gone: its pod, and not what it has put on the node.
agent_gone() {
  command timeout 30 kubectl -n "$system" patch daemonset weir-cni --type=merge \
    -p '{"spec": {"template": {"spec": {"nodeSelector": {"weir.dev/none": "here"}}}}}'
  until_true no_agents
}

no_agents() {
  [ -z "$(command timeout 30 kubectl -n "$system" get pods -l app.kubernetes.io/name=weir-cni -o name)" ]
}

agent_back() {
  command timeout 30 kubectl -n "$system" patch daemonset weir-cni --type=merge \
    -p '{"spec": {"template": {"spec": {"nodeSelector": {"weir.dev/none": null}}}}}'
  agents
}

# Until the command succeeds, for a minute and a half: the kubelet takes its time to try again.
until_true() {
  local end=$((SECONDS + 90))
  until "$@"; do
    [ $SECONDS -lt $end ] || fail "not within 90 s: $*" || return 1
    sleep 0.5
  done
}

events_of() {
  kubectl get events --field-selector "involvedObject.name=$1" -o 'jsonpath={range .items[*]}{.message}{"\n"}{end}'
}

has_event() {
  events_of "$1" | grep "$2"
}

logs_say() {
  kubectl logs "$1" -c weir-sidecar | grep "$2"
}

# --- the mesh

install() {
  timeout 90 kubectl delete namespace "$space" outside --ignore-not-found --timeout=80s >/dev/null
  timeout 60 helm uninstall weir -n "$system" --wait >/dev/null 2>&1
  confs_of_the_node >"$work/confs"
  install_weir --set "cni.enabled=true,cni.binDir=/usr/lib/cni,cni.confDir=$confs,cni.netnsDir=$netns"
  kubectl create namespace "$space" >/dev/null
  kubectl create namespace outside >/dev/null
  kubectl label namespace "$space" weir.dev/inject=enabled pod-security.kubernetes.io/enforce=restricted >/dev/null
}

# --- tests

plugin_is_chained_and_the_nodes_own_confs_stay_as_they_are() {
  agents
  grep '"type": "weir-cni"' "$own"
  grep '"name": "weir-k8s"' "$own"
  confs_of_the_node | diff "$work/confs" -
}

pods_of_a_restricted_namespace_are_members_without_a_right_over_the_network() {
  local end=$((SECONDS + 30)) pods
  until kubectl get serviceaccount default && kubectl -n outside get serviceaccount default; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.3
  done
  app cart python
  caller "$space" frontend
  caller "$space" past "weir.dev/exclude-outbound-ports: '80'"
  caller outside stranger
  kubectl rollout status deployment/cart --timeout=120s &&
    kubectl wait --for=condition=Ready pod/frontend pod/past --timeout=120s || {
      kubectl get pods
      kubectl describe pods | tail -n 60
      kubectl logs frontend --all-containers --prefix --tail=30
      command kubectl -n "$system" logs daemonset/weir-cni --tail=30
      return 1
    }
  kubectl -n outside wait --for=condition=Ready pod/stranger --timeout=60s
  pods=$(kubectl get pods -o 'jsonpath={range .items[*]}{.spec.initContainers[*].name}{"\n"}{end}')
  [ "$(grep -c "^weir-sidecar$" <<<"$pods")" = 4 ] || fail "$pods" || return 1
  ! kubectl get pods -o yaml | grep -i "NET_ADMIN\|privileged: true"
}

strict_holds_and_calls_go_through_the_sidecars() {
  kubectl apply -f - <<YAML
apiVersion: weir.dev/v1alpha1
kind: AuthenticationPolicy
metadata: {name: strict}
spec: {targetRefs: [{group: "", kind: Namespace, name: shop}], mtls: {mode: Strict}}
YAML
  await_condition authnpol strict Programmed True
  await '"app": *"python"' frontend http://cart/hello | grep -i '"x-request-id"'
  ! kubectl -n outside exec stranger -- wget -q -T 5 -O - http://cart.shop/plain || return 1
  # The kubelet's probes pass.
  [ "$(kubectl get deployment cart -o 'jsonpath={.status.readyReplicas}')" = 2 ]
}

what_a_pod_excludes_goes_past_its_sidecar() {
  call past http://cart/hello >"$work/past"
  ! grep "200 OK" "$work/past" || return 1
}

precheck_finds_that_no_level_refuses() {
  timeout 120 "$home/weir" precheck | tee "$work/precheck"
  grep "^ok .*Pod Security .*the CNI plugin redirects" "$work/precheck"
}

pods_of_the_mesh_wait_for_the_agent_and_others_do_not() {
  agent_gone
  [ -e "$own" ] || fail "the plugin is no longer chained" || return 1
  caller "$space" patient
  caller outside indifferent
  kubectl -n outside wait --for=condition=Ready pod/indifferent --timeout=30s
  until_true has_event patient "weir-cni: the agent has not answered for 20 s; see that the pod of the DaemonSet"
  [ "$(kubectl get pod patient -o 'jsonpath={.status.podIP}')" = "" ] || fail "it was made" || return 1
  agent_back
  kubectl wait --for=condition=Ready pod/patient --timeout=120s
  call patient http://cart/hello | grep "200 OK"
}

agent_that_starts_again_stays_chained() {
  command timeout 60 kubectl -n "$system" delete pod -l app.kubernetes.io/name=weir-cni --wait=false
  caller "$space" meanwhile
  kubectl wait --for=condition=Ready pod/meanwhile --timeout=120s
  call meanwhile http://cart/hello | grep "200 OK"
  agents
}

pod_that_nobody_redirects_says_so_and_is_not_ready() {
  agent_gone
  rm "$own"
  caller "$space" unprotected
  until_true logs_say unprotected "the connections of pod shop/unprotected are not redirected to its sidecar"
  [ "$(kubectl get pod unprotected -o 'jsonpath={.status.initContainerStatuses[0].started}')" = false ] || return 1
  { timeout 60 "$home/weir" status -n "$space" || true; } | grep "kubectl -n shop logs unprotected -c weir-sidecar says why"
  agent_back
  [ -e "$own" ] || return 1
  kubectl delete pod unprotected --wait
  caller "$space" unprotected
  kubectl wait --for=condition=Ready pod/unprotected --timeout=120s
}

words_that_are_no_pods_to_say_are_refused_with_what_is_wrong() {
  [ -e "$own" ] || return 1
  caller outside rogue "weir.dev/intercept: '--netns=/proc/1/ns/net'"
  space=outside until_true has_event rogue 'annotation weir.dev/intercept: "--netns=/proc/1/ns/net" is not for a pod to say'
  kubectl -n outside delete pod rogue --wait=false
}

report_of_a_pod_has_the_log_of_its_nodes_agent() {
  timeout 120 "$home/weir" bug-report -n "$space" frontend --file "$work/report.tar.gz"
  tar -xzf "$work/report.tar.gz" -C "$work"
  grep "chained behind the plugins of 10-weir-k8s.conflist" "$work"/weir-bug-report-*/cni/weir-cni-*/cni.log
  ls "$work"/weir-bug-report-*/sidecar/frontend/weir-sidecar.log
  [ ! -e "$(echo "$work"/weir-bug-report-*/sidecar/frontend/weir-init.log)" ]
}

uninstalling_leaves_the_node_as_it_was_and_pods_can_go() {
  [ -e "$own" ] || return 1
  timeout 90 helm uninstall weir -n "$system" --wait
  until_true [ ! -e "$own" ]
  confs_of_the_node | diff "$work/confs" -
  [ "$(ls "$confs")" = "$(awk '{ print substr($2, 3) }' "$work/confs")" ] || return 1
  kubectl -n outside delete pod stranger --timeout=60s
  kubectl delete pod patient --timeout=60s
  caller outside after
  kubectl -n outside wait --for=condition=Ready pod/after --timeout=60s
}

# --- the cluster and its images

step "the cluster"
said=$("$here/cluster.sh" up) || exit 1
export KUBECONFIG=${said##*$'\n'}
PATH=$("$here/build.sh" kubectl helm | tail -n 1):$PATH
step "its images"
mapfile -t images < <("$here/images.sh")
[ ${#images[@]} -gt 0 ] && "$here/cluster.sh" load "${images[@]}" || exit 1
step "the mesh"
begun=$SECONDS
install
step "installed in $((SECONDS - begun)) s"

try plugin_is_chained_and_the_nodes_own_confs_stay_as_they_are
try pods_of_a_restricted_namespace_are_members_without_a_right_over_the_network
try strict_holds_and_calls_go_through_the_sidecars
try what_a_pod_excludes_goes_past_its_sidecar
try precheck_finds_that_no_level_refuses
try pods_of_the_mesh_wait_for_the_agent_and_others_do_not
try agent_that_starts_again_stays_chained
try pod_that_nobody_redirects_says_so_and_is_not_ready
try words_that_are_no_pods_to_say_are_refused_with_what_is_wrong
try report_of_a_pod_has_the_log_of_its_nodes_agent
try uninstalling_leaves_the_node_as_it_was_and_pods_can_go

conclude
