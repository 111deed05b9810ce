#!/usr/bin/env bash
# The images in a real cluster: what they are made of works in a pod, with a root that cannot be written to, without
# rights; and the cluster does what is expected of one. The cluster is made if there is none, and stays. Ends with
# "N passed, N failed".
#
#   smoke.sh [PATTERN...]     only the tests whose names match one, as "*sidecar*"
set -uo pipefail

wanted=("$@")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=$(cd "$here/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/weir-smoke.XXXXXX")
space=weir-smoke

clean_up() {
  if [ -n "${KUBECONFIG:-}" ]; then
    timeout 30 kubectl delete validatingwebhookconfiguration "$space" --ignore-not-found >/dev/null 2>&1
    timeout 30 kubectl delete namespace "$space" --ignore-not-found --wait=false >/dev/null 2>&1
  fi
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

. "$here/lib/test.sh"

# --- what the tests are written in

kubectl() {
  timeout 90 kubectl --request-timeout=80s -n "$space" "$@"
}

# await POD FIELD VALUE: until that is in its status; says what became of it if not.
await() {
  kubectl wait --for="jsonpath={.status.$2}=$3" "pod/$1" --timeout=60s && return
  kubectl describe "pod/$1" | tail -n 30
  kubectl logs "$1" --all-containers --prefix --tail=20
  return 1
}

# security USER [CAPABILITY]: all that the injector's containers may do.
security() {
  echo "{runAsUser: $1, runAsGroup: $1, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false," \
    "capabilities: {drop: [ALL], add: [${2:-}]}, seccompProfile: {type: RuntimeDefault}}"
}

# --- tests

intercept_prints_its_rules_and_writes_them() {
  kubectl apply -f - <<YAML
apiVersion: v1
kind: Pod
metadata: {name: intercept}
spec:
  restartPolicy: Never
  initContainers:
  - name: written
    image: $sidecar
    args: [intercept, --user=1337, --exclude-inbound-port=15021]
    securityContext: $(security 0 NET_ADMIN)
    resources: {limits: {memory: 128Mi}}
  containers:
  - name: printed
    image: $sidecar
    args: [intercept, --user=1337, --dry-run]
    securityContext: $(security 0)
    resources: {limits: {memory: 128Mi}}
YAML
  await intercept phase Succeeded
  kubectl logs intercept -c printed | grep "meta skuid 1337 return" >/dev/null
}

intercepted_traffic_goes_to_the_port_of_the_sidecar() {
  kubectl apply -f - <<YAML
apiVersion: v1
kind: Pod
metadata: {name: redirected}
spec:
  initContainers:
  - name: intercept
    image: $sidecar
    args: [intercept, --user=1337]
    securityContext: $(security 0 NET_ADMIN)
  - name: proxy
    image: weir-test/go:dev
    args: ["15001"]
    restartPolicy: Always
    securityContext: $(security 1337)
  containers:
  - name: app
    image: weir-test/tools:dev
    command: [sleep, "3600"]
    securityContext: $(security 1000)
YAML
  kubectl wait --for=condition=Ready pod/redirected --timeout=60s
  kubectl exec redirected -c app -- wget -q -T 5 -O - http://192.0.2.1/anywhere | grep '"app":"go".*"path":"/anywhere"'
}

# serve NAME MEMORY OPTIONS [WORD]: a sidecar until it is ready, and until it has heard that it is to end.
serve() {
  local name=$1 memory=$2 options=$3 word=${4:-}
  kubectl apply -f - <<YAML
apiVersion: v1
kind: ConfigMap
metadata: {name: bootstrap}
data:
  bootstrap.yaml: |
    node: {id: smoke, cluster: smoke}
    admin: {address: {socket_address: {address: 0.0.0.0, port_value: 15000}}}
    static_resources: {clusters: [{name: none, load_assignment: {cluster_name: none}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: $name}
spec:
  containers:
  - name: sidecar
    image: $sidecar
    args: [sidecar, -c, /bootstrap/bootstrap.yaml${word:+, $word}]
    env: [{name: JDK_JAVA_OPTIONS, value: "$options"}]
    securityContext: $(security 1337)
    resources: {limits: {memory: $memory}}
    readinessProbe: {httpGet: {path: /ready, port: 15000}, periodSeconds: 1}
    volumeMounts: [{name: bootstrap, mountPath: /bootstrap}]
  volumes: [{name: bootstrap, configMap: {name: bootstrap}}]
YAML
  kubectl wait --for=condition=Ready "pod/$name" --timeout=60s
  kubectl logs "$name"
  local begun=$SECONDS
  kubectl delete pod "$name" --timeout=60s
  [ $((SECONDS - begun)) -lt 15 ]
}

sidecar_serves_without_anything_to_write_to() {
  # One that is named is loaded at the start, and else when TLS is first configured.
  serve sidecar 512Mi "-Xlog:library=info -Dweir.tls.provider=boringssl" | tee "$work/said"
  grep -q "Loaded library /opt/weir/native/libnetty_tcnative" "$work/said"
  grep -q "Loaded library /opt/weir/native/libnetty_transport_native_epoll" "$work/said"
}

sidecar_of_profile_edge_serves_in_96_mebibytes() {
  serve edge 96Mi @/opt/weir/edge.args --profile=edge
}

control_plane_says_how_it_is_used() {
  kubectl apply -f - <<YAML
apiVersion: v1
kind: Pod
metadata: {name: control-plane}
spec:
  restartPolicy: Never
  containers:
  - name: control-plane
    image: $control_plane
    args: [--help]
    securityContext: $(security 65532)
    resources: {limits: {memory: 512Mi}}
YAML
  await control-plane phase Succeeded
  kubectl logs control-plane | grep "Usage: weir control-plane" >/dev/null
}

start_apps() {
  local app
  for app in go python; do
    kubectl apply -f - <<YAML
apiVersion: apps/v1
kind: Deployment
metadata: {name: $app}
spec:
  replicas: 2
  selector: {matchLabels: {app: $app}}
  template:
    metadata: {labels: {app: $app}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: app
        image: weir-test/$app:dev
        readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
        securityContext: $(security 1000)
---
apiVersion: v1
kind: Service
metadata: {name: $app}
spec: {selector: {app: $app}, ports: [{name: http, port: 80, targetPort: 8080}]}
YAML
  done
  kubectl apply -f - <<YAML
apiVersion: v1
kind: Pod
metadata: {name: client}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: app, image: "weir-test/tools:dev", command: [sleep, "3600"], securityContext: $(security 1000)}]
YAML
}

pods_and_services_reach_each_other() {
  start_apps
  local app address
  for app in go python; do
    kubectl rollout status "deployment/$app" --timeout=60s
  done
  kubectl wait --for=condition=Ready pod/client --timeout=60s
  for app in go python; do
    address=$(kubectl get pod -l app=$app -o 'jsonpath={.items[0].status.podIP}')
    kubectl exec client -- wget -q -T 5 -O - "http://$address:8080/pod" | grep "\"app\": *\"$app\""
    kubectl exec client -- wget -q -T 5 -O - "http://$app/short" | grep "\"app\": *\"$app\""
    kubectl exec client -- wget -q -T 5 -O - "http://$app.$space.svc.cluster.local/long" | grep "\"path\": *\"/long\""
  done
}

# Where there is no TLS: how that fails says that it was reached.
api_server_reaches_a_webhook_by_its_service() {
  kubectl apply -f - <<YAML
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: $space}
webhooks:
- name: smoke.weir.dev
  clientConfig: {service: {namespace: $space, name: go, port: 80}}
  rules: [{apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: [CREATE]}]
  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: $space}}
  timeoutSeconds: 5
  sideEffects: None
  admissionReviewVersions: [v1]
YAML
  local tries=0
  until [[ $(kubectl create configmap asked --dry-run=server 2>&1) == *"HTTP response to HTTPS client"* ]]; do
    tries=$((tries + 1))
    [ $tries -lt 50 ] || return 1
    sleep 0.2
  done
  kubectl delete validatingwebhookconfiguration "$space"
}

tokens_are_projected_and_reviewed() {
  local token
  token=$(kubectl create token default --audience=weir)
  kubectl create -o yaml -f - <<YAML | grep -E "username: system:serviceaccount:$space:default"
apiVersion: authentication.k8s.io/v1
kind: TokenReview
spec: {token: "$token", audiences: [weir]}
YAML
}

# --- the cluster and its images

begun=$SECONDS
step "the cluster"
said=$("$here/cluster.sh" up) || exit 1
export KUBECONFIG=${said##*$'\n'}
PATH=$("$here/build.sh" kubectl | tail -n 1):$PATH
step "its images"
mapfile -t images < <("$here/images.sh")
[ ${#images[@]} -gt 0 ] && "$here/cluster.sh" load "${images[@]}" || exit 1
image_of() {
  tar -xOf "$(printf '%s\n' "${images[@]}" | grep "/$1.tar$")" manifest.json | sed -nE 's#.*"docker.io/(library/)?([^"]*)".*#\2#p'
}
sidecar=$(image_of sidecar) control_plane=$(image_of control-plane)
timeout 90 kubectl delete namespace "$space" --ignore-not-found --timeout=80s >/dev/null
kubectl create namespace "$space" >/dev/null || exit 1
until kubectl get serviceaccount default >/dev/null 2>&1; do
  [ $((SECONDS - begun)) -lt 900 ] || exit 1
  sleep 0.2
done
step "ready in $((SECONDS - begun)) s"

try intercept_prints_its_rules_and_writes_them
try intercepted_traffic_goes_to_the_port_of_the_sidecar
try sidecar_serves_without_anything_to_write_to
try sidecar_of_profile_edge_serves_in_96_mebibytes
try control_plane_says_how_it_is_used
try pods_and_services_reach_each_other
try api_server_reaches_a_webhook_by_its_service
try tokens_are_projected_and_reviewed
conclude
