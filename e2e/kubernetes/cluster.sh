#!/usr/bin/env bash
# A real Kubernetes of one node on this machine, without a registry and without a container engine: etcd, the API
# server, its controllers and its scheduler, containerd, the kubelet, kube-proxy and CoreDNS, in a network namespace
# of their own. Pods really run. Needs root.
#
#   cluster.sh up             starts it, and waits until it is ready; what it needs is installed and built first
#   cluster.sh down           ends what up started, and removes what it left
#   cluster.sh kubeconfig     prints the path of an administrator's kubeconfig, as up does in its last line
#   cluster.sh load FILE...   images for its pods, as images.sh writes them
#
# Its folder is WEIR_CLUSTER (/var/lib/weir-k8s): keys, data, logs. The machine is 10.250.0.1 to its pods, the node
# is 10.250.0.2; pods (10.244.0.0/24) and Services (10.96.0.0/16) are reached from the machine too. There is no way
# out of it to other networks. One at a time.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cluster=${WEIR_CLUSTER:-/var/lib/weir-k8s}
namespace=weir-k8s
link=weir-k8s0
machine_address=10.250.0.1
node_address=10.250.0.2
node=node1
pods=10.244.0.0/24
services=10.96.0.0/16
first_service=10.96.0.1 # the API server's own
dns_service=10.96.0.10
domain=cluster.local

. "$here/lib/process.sh"
. "$here/lib/identity.sh"
. "$here/lib/control.sh"
. "$here/lib/node.sh"

fail() {
  echo "cluster.sh: $*" >&2
  exit 1
}

administrator=$cluster/conf/admin.kubeconfig

kubectl() {
  timeout 60 "$programs/kubectl" --kubeconfig "$administrator" --request-timeout=10s "$@"
}

# need PROGRAM:PACKAGE...: Debian's packages of the programs that are missing.
need() {
  local tool packages=()
  for tool; do
    command -v "${tool%%:*}" >/dev/null || [ -x "${tool%%:*}" ] || packages+=("${tool#*:}")
  done
  [ ${#packages[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "needs ${packages[*]}, by the names of Debian's packages"
  echo "cluster.sh: installing ${packages[*]}" >&2
  timeout 600 apt-get install -y -q "${packages[@]}" >/dev/null 2>&1 \
    || { timeout 300 apt-get update -q >/dev/null && timeout 600 apt-get install -y -q "${packages[@]}" >/dev/null; } \
    || fail "apt-get cannot install ${packages[*]}"
}

# Sets programs, the folder of what is built.
build() {
  need etcd:etcd-server containerd:containerd ctr:containerd runc:runc /usr/lib/cni/ptp:containernetworking-plugins \
    conntrack:conntrack iptables:iptables ip:iproute2 nsenter:util-linux openssl:openssl curl:curl
  local said
  said=$("$here/build.sh" kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl coredns) \
    || fail "cannot build Kubernetes; see above"
  programs=${said##*$'\n'}
}

up() {
  if [ -e "$cluster/ready" ] && all_alive; then
    return
  fi
  build
  down
  local begun=$SECONDS
  mkdir -p "$cluster"/{conf,log,pki,process}
  identities
  network
  start_control
  start_containerd
  load "$("$here/images.sh" pause)"
  start_node
  touch "$cluster/ready"
  echo "cluster.sh: up in $((SECONDS - begun)) s" >&2
}

# The node's parts first: they would start anew what is ended.
down() {
  [ -d "$cluster" ] || return 0
  rm -f "$cluster/ready"
  stop kubelet
  stop kube-proxy
  stop coredns
  end_pods
  stop containerd
  stop kube-scheduler
  stop kube-controller-manager
  stop kube-apiserver
  stop etcd
  remove_node
  rm -rf --one-file-system "$cluster"
}

load() {
  local image
  for image; do
    timeout 120 ctr -a "$cluster/containerd/socket" -n k8s.io images import --snapshotter overlayfs "$image" >/dev/null \
      || fail "cannot load $image"
  done
}

# One at a time works on it. What is started does not hold the lock.
lock() {
  [ "$(id -u)" = 0 ] || fail "needs root: a node mounts, and makes network namespaces and control groups"
  exec 9>"/run/weir-k8s.lock"
  flock -w 600 9 || fail "another cluster.sh is at work"
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  up) lock; up; echo "$administrator" ;;
  down) lock; down ;;
  kubeconfig)
    [ -e "$cluster/ready" ] || fail "it is not up"
    echo "$administrator" ;;
  load) load "$@" ;;
  *)
    echo "usage: cluster.sh up | down | kubeconfig | load FILE..." >&2
    exit 2 ;;
esac
