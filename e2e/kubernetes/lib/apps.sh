# Apps of tests in a cluster, what they call and what is awaited of them. Sourced; "space", their namespace, is set, and
# kubectl is found. They are as the Pod Security level restricted wants them.

restricted="{runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, "
restricted+="seccompProfile: {type: RuntimeDefault}}"

kubectl() {
  timeout 150 kubectl --request-timeout=140s -n "$space" "$@"
}

fail() {
  echo "$*"
  return 1
}

# call FROM URL: by the app in pod FROM of the namespace; prints all of the answer. (wget says nothing of a refusal but
# its status; and who ends before the answer, as a pipe into nc does, gets none.)
call() {
  local host=${2#http://} path
  path=/${host#*/} host=${host%%/*}
  kubectl exec "$1" -c app -- sh -c \
    "(printf 'GET $path HTTP/1.1\r\nhost: $host\r\nconnection: close\r\n\r\n'; sleep 1) | nc -w 10 $host 80" 2>&1 || true
}

# Until a call is answered with what matches $1, for as long as a policy may take.
await() {
  local wanted=$1 end=$((SECONDS + 30)) said
  shift
  while said=$(call "$@"); ! grep -q "$wanted" <<<"$said"; do
    [ $SECONDS -lt $end ] || fail "no \"$wanted\" within 30 s: $said" || return 1
    sleep 0.5
  done
  echo "$said"
}

# Until a policy's first target has the condition $3 with the status $4.
await_condition() {
  local said end=$((SECONDS + 30))
  while
    said=$(kubectl get "$1" "$2" -o "jsonpath={.status.ancestors[0].conditions[?(@.type==\"$3\")]}")
    ! grep -q "\"status\":\"$4\"" <<<"$said"
  do
    [ $SECONDS -lt $end ] || fail "$1 $2: $3 is not $4: $said" || return 1
    sleep 0.5
  done
  echo "$said"
}

# app NAME IMAGE: a Deployment that answers, its Service, and its account.
app() {
  kubectl apply -f - <<YAML
apiVersion: v1
kind: ServiceAccount
metadata: {name: $1}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: $1}
spec:
  replicas: 2
  selector: {matchLabels: {app: $1}}
  template:
    metadata: {labels: {app: $1}}
    spec:
      serviceAccountName: $1
      terminationGracePeriodSeconds: 5
      containers:
      - name: app
        image: weir-test/$2:dev
        securityContext: $restricted
        ports: [{name: web, containerPort: 8080}]
        readinessProbe: {httpGet: {path: /healthz, port: web}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: $1}
spec: {selector: {app: $1}, ports: [{name: http, port: 80, targetPort: web}]}
YAML
}

# caller NAMESPACE NAME [ANNOTATIONS]: a pod that calls and nothing else.
caller() {
  kubectl -n "$1" apply -f - <<YAML
apiVersion: v1
kind: ServiceAccount
metadata: {name: $2}
---
apiVersion: v1
kind: Pod
metadata: {name: $2, annotations: {${3:-}}}
spec:
  serviceAccountName: $2
  terminationGracePeriodSeconds: 1
  containers: [{name: app, image: "weir-test/tools:dev", command: [sleep, "36000"], securityContext: $restricted}]
YAML
}
