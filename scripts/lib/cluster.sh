# Whether a command is about a cluster or about the mesh of a folder. Sourced by ./weir, which sets home and command.

. "$home/scripts/lib/mesh.sh"

# cluster_or_folder WORD...: prints "cluster" where an option says which, "said" where the words name a folder or ask for
# help, else "folder" where this one is a mesh's, or there is no kubeconfig, else "cluster".
cluster_or_folder() {
  local config mesh mesh_base
  while [ $# -gt 0 ]; do
    case $1 in
      -k | --kubernetes | --kubeconfig | --kubeconfig=* | --context | --context=* | -n* | --namespace | --namespace=*)
        echo cluster
        return ;;
      --config | --config=* | --help | -h | --version | -V) echo said; return ;;
      -o | --output) shift ;;
      -*) ;;
      # Of status a word is a folder; of the others it is a service or a pod.
      *) if [ "$command" = status ]; then echo said; return; fi ;;
    esac
    [ $# -eq 0 ] || shift
  done
  mesh_locate .
  if [ -e weir.yaml ] || [ -d "$mesh" ] || ! cluster_is_known; then
    echo folder
  else
    echo cluster
  fi
}

# Whether there is a cluster that nobody has to name, as kubectl finds one.
cluster_is_known() {
  [ -n "${KUBECONFIG:-}" ] || [ -e "${HOME:-/}/.kube/config" ] \
    || { [ -n "${KUBERNETES_SERVICE_HOST:-}" ] && [ -e /var/run/secrets/kubernetes.io/serviceaccount/token ]; }
}
