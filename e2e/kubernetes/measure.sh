#!/usr/bin/env bash
# What Weir is held to in a cluster, measured: how long a policy takes to be in force with 20 pods, and what calls fail
# while things go wrong that are not to fail. The cluster is made if there is none, and stays; the mesh is installed
# anew, with two control planes. Figures are printed as they come; ends with "N passed, N failed".
#
#   measure.sh [PATTERN...]   only the measures whose names match one, as "*update*"; what they stand on is set up
set -uo pipefail

wanted=("$@")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=$(cd "$here/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/weir-measure.XXXXXX")
cluster=${WEIR_CLUSTER:-/var/lib/weir-k8s}
system=weir-system space=shop
pods=20 beside=()
trap 'clean_up' EXIT
trap 'exit 130' INT TERM

. "$here/lib/test.sh"
. "$here/lib/weir.sh"

clean_up() {
  thaw
  # Not the next installation's.
  [ ! -d "$work/ca" ] || kubectl -n "$system" delete secret weir-ca --ignore-not-found >/dev/null
  rm -rf "$work"
}

kubectl() {
  timeout 290 kubectl --request-timeout=280s -n "$space" "$@"
}

fail() {
  echo "$*"
  return 1
}

# The API server, as one that hangs: connections stay, and nobody answers.
api_server() {
  cut -d ' ' -f 1 "$cluster/process/kube-apiserver"
}

freeze() {
  kill -STOP "$(api_server)"
}

thaw() {
  kill -CONT "$(api_server)" 2>/dev/null || true
}

# listening VARIABLE WORDS COMMAND...: runs it beside, until this shell ends, and sets the variable to the port that it
# says behind the words.
listening() {
  local -n into=$1
  local words=$2 log=$work/listening.$1 end=$((SECONDS + 20)) pid
  shift 2
  : >"$log"
  command timeout 300 "$@" >"$log" 2>&1 &
  pid=$!
  beside+=("$pid")
  trap 'kill "${beside[@]}" 2>/dev/null' EXIT
  until into=$(sed -n "s/^$words\([0-9]*\).*/\1/p" "$log" | head -n 1) && [ -n "$into" ]; do
    [ $SECONDS -lt $end ] || { cat "$log"; return 1; }
    sleep 0.1
  done
}

# load NAME PATH RATE SECONDS: begins; the pod's log says in the end what became of it.
load() {
  kubectl delete pod "$1" --ignore-not-found --grace-period=1 >/dev/null
  kubectl run "$1" --image=weir-test/go:dev --image-pull-policy=Never --restart=Never --overrides='{"spec": {"terminationGracePeriodSeconds": 1}}' \
    --command -- /echo load "http://echo$2" "$3" "$4" >/dev/null
  kubectl wait --for=jsonpath='{.status.phase}'=Running "pod/$1" --timeout=120s >/dev/null
}

# loaded NAME SECONDS: its figures, when it has ended; fails if a call has.
loaded() {
  local said end=$((SECONDS + $2))
  until said=$(kubectl logs "$1" -c "$1" 2>/dev/null | tail -n 1) && grep -q '"sent"' <<<"$said"; do
    [ $SECONDS -lt $end ] || fail "$1 does not end" || return 1
    sleep 1
  done
  figures "$1: $said"
  grep -q '"failed":0,' <<<"$said" || fail "$said"
}

# Shown whether or not the measure passes.
figures() {
  echo "        $*" >&3
  echo "$*"
}

echoes() {
  kubectl create namespace "$space" 2>/dev/null || true
  kubectl label namespace "$space" weir.dev/inject=enabled --overwrite >/dev/null
  local end=$((SECONDS + 30))
  until kubectl get serviceaccount default >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.3
  done
  kubectl apply -f - >/dev/null <<YAML
apiVersion: apps/v1
kind: Deployment
metadata: {name: echo}
spec:
  replicas: $1
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  selector: {matchLabels: {app: echo}}
  template:
    metadata: {labels: {app: echo}}
    spec:
      terminationGracePeriodSeconds: 20
      containers:
      - name: app
        image: weir-test/go:dev
        imagePullPolicy: Never
        ports: [{name: web, containerPort: 8080}]
        readinessProbe: {httpGet: {path: /healthz, port: web}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: echo}
spec: {selector: {app: echo}, ports: [{name: http, port: 80, targetPort: web}]}
YAML
  kubectl rollout status deployment/echo --timeout=280s >/dev/null
}

# From now on the namespace takes nothing in plain text.
strict() {
  kubectl apply -f - <<YAML
apiVersion: weir.dev/v1alpha1
kind: AuthenticationPolicy
metadata: {name: strict}
spec: {targetRefs: [{group: "", kind: Namespace, name: $space}], mtls: {mode: Strict}}
YAML
  kubectl wait --for=jsonpath='{.status.ancestors[0].conditions[?(@.type=="Programmed")].status}'=True authnpol/strict --timeout=60s
}

# --- measures

policy_is_in_force_at_all_pods_within_a_second() {
  echoes "$pods"
  # One has them all: it knows when all have acknowledged.
  kubectl -n "$system" scale deployment weir-control-plane --replicas=1
  kubectl -n "$system" rollout status deployment/weir-control-plane --timeout=60s
  local pod api page said
  pod=$(kubectl -n "$system" get pods -l app.kubernetes.io/name=weir-control-plane \
    --field-selector=status.phase=Running -o 'jsonpath={.items[0].metadata.name}')
  listening api "Starting to serve on 127.0.0.1:" kubectl proxy --port=0
  listening page "Forwarding from 127.0.0.1:" kubectl -n "$system" port-forward "$pod" :15014
  said=$(timeout 280 python3 "$here/lib/reach.py" "$api" "$page" "$space" "$pods" 50)
  figures "from apply to acknowledged by all, $pods pods: $said"
  kubectl -n "$system" scale deployment weir-control-plane --replicas=2
  kubectl -n "$system" rollout status deployment/weir-control-plane --timeout=60s
  [ "$(sed -n 's/.*"p99_ms": \([0-9]*\).*/\1/p' <<<"$said")" -lt 1000 ]
}

rolling_update_under_500_rps_fails_no_call() {
  echoes 3
  load updated /x 500 60
  sleep 5
  kubectl rollout restart deployment/echo
  kubectl rollout status deployment/echo --timeout=200s
  loaded updated 120
}

api_server_that_hangs_for_a_minute_fails_no_call() {
  echoes 3
  load frozen /x 100 90
  sleep 3
  freeze
  sleep 60
  thaw
  loaded frozen 120
  # And what is written is in force again.
  kubectl apply -f - <<YAML
apiVersion: weir.dev/v1alpha1
kind: RateLimitPolicy
metadata: {name: after}
spec:
  targetRefs: [{group: "", kind: Service, name: echo}]
  limits: [{name: after, scope: Replica, rate: 1000/s}]
YAML
  kubectl wait --for=jsonpath='{.status.ancestors[0].conditions[?(@.type=="Programmed")].status}'=True ratepol/after --timeout=60s
  kubectl delete ratepol after
}

control_planes_that_are_deleted_under_load_fail_no_call() {
  echoes 3
  load deleted /x 200 60
  local i
  for i in 1 2 3; do
    sleep 5
    kubectl -n "$system" delete pod -l app.kubernetes.io/name=weir-control-plane --wait=false
    kubectl -n "$system" rollout status deployment/weir-control-plane --timeout=100s
  done
  loaded deleted 120
}

webhook_that_is_down_stops_new_pods_alone() {
  echoes 3
  load unhooked /x 100 40
  kubectl -n "$system" scale deployment weir-control-plane --replicas=0
  kubectl -n "$system" wait --for=delete pod -l app.kubernetes.io/name=weir-control-plane --timeout=60s
  local said
  said=$(kubectl run bare --image=weir-test/go:dev --image-pull-policy=Never --restart=Never 2>&1) && fail "a pod without its sidecar is made: $said"
  grep -q "injector.weir.dev" <<<"$said" || fail "$said"
  kubectl -n default run elsewhere --image=weir-test/tools:dev --image-pull-policy=Never --restart=Never --command -- true
  kubectl -n default delete pod elsewhere --grace-period=1
  kubectl -n "$system" scale deployment weir-control-plane --replicas=2
  kubectl -n "$system" rollout status deployment/weir-control-plane --timeout=100s
  loaded unhooked 120
  kubectl scale deployment echo --replicas=4
  kubectl rollout status deployment/echo --timeout=100s
}

# 1,000 endpoints of a Service that the callers know, of which a tenth are others every second.
endpoints_that_come_and_go_cost_nobody_a_call_and_none_is_stale() {
  echoes 3
  kubectl apply -f - <<YAML
apiVersion: v1
kind: Service
metadata: {name: churned}
spec: {ports: [{name: http, port: 80, targetPort: 8080}]}
YAML
  load churning /x 100 50
  local api pod page end
  listening api "Starting to serve on 127.0.0.1:" kubectl proxy --port=0
  timeout 100 python3 "$here/lib/churn.py" "$api" "$space" churned 10 100 30 >"$work/last"
  loaded churning 120
  pod=$(kubectl get pods -l app=echo -o 'jsonpath={.items[0].metadata.name}')
  listening page "Forwarding from 127.0.0.1:" kubectl -n "$space" port-forward "$pod" :15000
  end=$((SECONDS + 20))
  until
    curl -s -m 10 "http://127.0.0.1:$page/clusters" | sed -n 's/^outbound|80|shop\/churned::\(198[0-9.]*\):8080::health_flags.*/\1/p' \
      | sort >"$work/now"
    sort "$work/last" | cmp -s - "$work/now"
  do
    [ $SECONDS -lt $end ] || { sort "$work/last" | diff - "$work/now" | head; fail "the sidecar has other endpoints"; }
    sleep 0.5
  done
  figures "1,000 endpoints, 100 of them others each second for 30 s: converged"
  kubectl delete service churned
  kubectl delete endpointslice -l kubernetes.io/service-name=churned
}

# root FOLDER: a CA that signs issuers.
root() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /O=root \
    -addext keyUsage=critical,keyCertSign,cRLSign -keyout "$1/root-key.pem" -out "$1/root-cert.pem" 2>/dev/null
  : >"$1/index"
  cat >"$1/conf" <<CONF
[ca]
default_ca = root
[root]
database = $1/index
new_certs_dir = $1
rand_serial = yes
default_md = sha256
unique_subject = no
policy = any
x509_extensions = issuer
[any]
organizationName = supplied
[issuer]
basicConstraints = critical,CA:true,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
CONF
}

# issuer FOLDER SECONDS: the Secret of the CA, whose certificate ends after so many seconds.
issuer() {
  local at=%Y%m%d%H%M%SZ
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /O=issuer \
    -keyout "$1/ca-key.pem" -out "$1/request" 2>/dev/null
  openssl ca -batch -notext -config "$1/conf" -cert "$1/root-cert.pem" -keyfile "$1/root-key.pem" -in "$1/request" \
    -startdate "$(date -u -d "-2 min" "+$at")" -enddate "$(date -u -d "+$2 sec" "+$at")" -out "$1/ca-cert.pem" 2>&1
  cp "$1/ca-cert.pem" "$1/cert-chain.pem"
  kubectl -n "$system" create secret generic weir-ca --from-file="$1/root-cert.pem" --from-file="$1/ca-cert.pem" \
    --from-file="$1/ca-key.pem" --from-file="$1/cert-chain.pem" --dry-run=client -o yaml | kubectl -n "$system" apply -f -
}

# An issuer ends, and with it all certificates that it signed: nobody begins a connection any more, or calls in plain
# text instead; pods are not ready, and what goes on by connections that were open ends with that; the sidecars say why.
# With another issuer of that root all go on as they are. The mesh is installed anew, with that CA.
certificates_that_ended_fail_closed_and_heal() {
  local ca=$work/ca life=180 begun said end
  mkdir -p "$ca"
  kubectl delete namespace "$space" --ignore-not-found --timeout=80s
  helm uninstall weir -n "$system" --wait
  kubectl -n "$system" delete secret weir-ca --ignore-not-found
  root "$ca"
  begun=$SECONDS
  issuer "$ca" "$life"
  install_weir --set controlPlane.resources.requests.cpu=10m,sidecar.resources.cpuRequest=10m
  echoes 3
  strict
  load ended /x 20 $((begun + life + 30 - SECONDS))
  [ $((SECONDS - begun)) -lt $((life - 10)) ] || fail "it took $((SECONDS - begun)) s until all ran; the issuer ends after $life"
  end=$((begun + life + 60))
  until said=$(kubectl logs ended -c ended | tail -n 1) && grep -q '"sent"' <<<"$said"; do
    [ $SECONDS -lt $end ] || fail "the load does not end" || return 1
    sleep 1
  done
  figures "the certificates ended 30 s before the end, 20 calls a second: $said"
  local failed
  failed=$(sed -n 's/.*"failed": *\([0-9]*\).*/\1/p' <<<"$said")
  [ "$failed" -ge 200 ] && [ "$failed" -le 800 ] && grep -q '"wrong":{"503 [a-z-]*":[0-9]*}' <<<"$said" || fail "$said"
  kubectl logs -l app=echo -c weir-sidecar --tail=50 | grep -m 1 "the certificate ended at"
  begun=$SECONDS
  issuer "$ca" 86400
  end=$((SECONDS + 120))
  until [ "$(kubectl logs -l app=echo -c weir-sidecar --tail=20 | grep -c "certified again")" -ge 3 ]; do
    [ $SECONDS -lt $end ] || fail "they are not certified again" || return 1
    sleep 1
  done
  figures "certified again $((SECONDS - begun)) s after another issuer was there"
  load healed /x 100 20
  loaded healed 60
  [ "$(kubectl get pods -l app=echo -o 'jsonpath={.items[*].status.initContainerStatuses[*].restartCount}' | tr -d ' 0')" = "" ]
}

# skewed SECONDS: the control planes' clocks are ahead by so many, or behind, from now on.
skewed() {
  kubectl -n "$system" patch deployment weir-control-plane --type=strategic -p "
spec:
  template:
    spec:
      containers:
      - name: control-plane
        env: [{name: LD_PRELOAD, value: /skew/skew.so}, {name: WEIR_SKEW, value: \"$1\"}]
        volumeMounts: [{name: skew, mountPath: /skew, readOnly: true}]
      volumes: [{name: skew, hostPath: {path: $work/skew}}]"
  kubectl -n "$system" rollout status deployment/weir-control-plane --timeout=100s
}

# The control planes' clocks are another than the node's, to either side, under Strict, while pods begin and are
# certified by them.
clocks_that_differ_by_90_seconds_fail_no_call() {
  mkdir -p "$work/skew"
  chmod 755 "$work" "$work/skew"
  command -v cc >/dev/null || timeout 600 apt-get install -y -q gcc libc6-dev >/dev/null
  cc -O2 -shared -fPIC -o "$work/skew/skew.so" "$here/lib/skew.c"
  echoes 3
  strict
  local skew page pod from ahead
  for skew in 90 -90; do
    load "skewed$((skew + 90))" /x 100 60
    skewed "$skew"
    kubectl rollout restart deployment/echo
    kubectl rollout status deployment/echo --timeout=200s
    loaded "skewed$((skew + 90))" 120
    # They are certified by such a clock: from two minutes before it on.
    pod=$(kubectl get pods -l app=echo -o 'jsonpath={.items[-1:].metadata.name}')
    listening page "Forwarding from 127.0.0.1:" kubectl -n "$space" port-forward "$pod" :15000
    from=$(curl -s -m 10 "http://127.0.0.1:$page/certs" | grep -o '"valid_from": *"[^"]*"' | cut -d '"' -f 4 | sort | tail -n 1)
    ahead=$(($(date -d "$from" +%s) + 120 - $(date +%s)))
    figures "clocks of the control planes $skew s ahead; a certificate's was $ahead s"
    [ $ahead -le $((skew + 1)) ] && [ $ahead -gt $((skew - 60)) ] || fail "the clock was not another: $from"
    # No two may differ by more than two minutes: what these have certified is certified anew before the others come.
    skewed 0
    kubectl rollout restart deployment/echo
    kubectl rollout status deployment/echo --timeout=200s
  done
  kubectl delete authnpol strict
}

# --- the cluster and its images

step "the cluster"
said=$("$here/cluster.sh" up) || exit 1
export KUBECONFIG=${said##*$'\n'}
PATH=$("$here/build.sh" kubectl helm | tail -n 1):$PATH
step "its images"
mapfile -t images < <("$here/images.sh" sidecar control-plane pause tools go)
[ ${#images[@]} -gt 0 ] && "$here/cluster.sh" load "${images[@]}" || exit 1
step "the mesh"
timeout 90 kubectl delete namespace "$space" --ignore-not-found --timeout=80s >/dev/null
# The node is small: what pods ask for is what fits, not what they need.
install_weir --set controlPlane.replicas=2,controlPlane.resources.requests.cpu=10m,sidecar.resources.cpuRequest=10m
exec 3>&1

try policy_is_in_force_at_all_pods_within_a_second
try rolling_update_under_500_rps_fails_no_call
try api_server_that_hangs_for_a_minute_fails_no_call
try control_planes_that_are_deleted_under_load_fail_no_call
try webhook_that_is_down_stops_new_pods_alone
try endpoints_that_come_and_go_cost_nobody_a_call_and_none_is_stale
try clocks_that_differ_by_90_seconds_fail_no_call
try certificates_that_ended_fail_closed_and_heal

conclude
