# Weir in a cluster, by its charts. Sourced; "home" and "system", the namespace, are set, and kubectl and helm are found.

# install_weir WORD...: anew, with more words for Helm. What is there of another run goes first.
install_weir() {
  local version
  version=$(sed -n 's/^appVersion: //p' "$home/charts/weir/Chart.yaml")
  timeout 60 helm uninstall weir -n "$system" --wait >/dev/null 2>&1 || true
  timeout 60 helm upgrade --install weir-crds "$home/charts/weir-crds" --wait >/dev/null || exit 1
  timeout 180 helm upgrade --install weir "$home/charts/weir" -n "$system" --create-namespace \
    --set imagePullPolicy=Never --set "tag=$version" "$@" --wait --timeout 170s >/dev/null || {
    timeout 30 kubectl -n "$system" get pods
    timeout 30 kubectl -n "$system" logs deployment/weir-control-plane --tail=40
    exit 1
  }
}
