# Whom prometheus-operator has Prometheus read, from the chart's monitors. (Debian's Prometheus, which is built without
# discovery in Kubernetes, cannot be shown to do so.) Sourced; "home", "work", "system" and "programs" are set, and kubectl
# and helm are found.

# apply_monitors: the chart's, of a release "weir", as the API server takes them that has the operator's own CRDs.
apply_monitors() {
  kubectl apply --server-side -f "$programs/prometheus-operator-crds" >/dev/null
  kubectl wait --for=condition=Established --timeout=30s crd/podmonitors.monitoring.coreos.com \
    crd/servicemonitors.monitoring.coreos.com crd/prometheusrules.monitoring.coreos.com crd/prometheuses.monitoring.coreos.com
  helm template weir "$home/charts/weir" -n "$system" --validate \
    --set podMonitor.enabled=true,serviceMonitor.enabled=true,prometheusRule.enabled=true \
    -s templates/podmonitor.yaml -s templates/servicemonitor.yaml -s templates/prometheusrule.yaml \
    | kubectl -n "$system" apply --server-side --validate=strict -f -
}

remove_monitors() {
  kubectl delete --ignore-not-found -f "$programs/prometheus-operator-crds" >/dev/null
}

# prometheus_configuration NAMESPACE: prints what the operator makes of all monitors there are, for a Prometheus in that
# namespace.
prometheus_configuration() {
  local space=$1 operator said end=$((SECONDS + 60))
  kubectl apply -f - >/dev/null <<YAML
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: mesh, namespace: $space}
spec:
  replicas: 0
  podMonitorSelector: {}
  podMonitorNamespaceSelector: {}
  serviceMonitorSelector: {}
  serviceMonitorNamespaceSelector: {}
YAML
  "$programs/prometheus-operator" --web.listen-address=127.0.0.1:0 >"$work/operator.log" 2>&1 &
  operator=$!
  until said=$(kubectl -n "$space" get secret prometheus-mesh -o 'jsonpath={.data.prometheus\.yaml\.gz}') && [ -n "$said" ]; do
    [ $SECONDS -lt $end ] || { tail -n 20 "$work/operator.log"; kill $operator; return 1; }
    sleep 0.5
  done 2>/dev/null
  kill $operator
  wait $operator || true
  base64 -d <<<"$said" | gunzip
}
