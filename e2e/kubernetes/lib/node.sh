# The node: its network, containerd, the kubelet, kube-proxy and the cluster's DNS. Sourced by cluster.sh.

# A network namespace with one link to the machine, which finds pods and Services behind it.
network() {
  # The kubelet sets some of the kernel's settings for the whole machine.
  sysctl vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys \
    kernel.keys.root_maxbytes >"$cluster/sysctl" 2>/dev/null || true
  ip netns add "$namespace"
  ip link add "$link" type veth peer name eth0 netns "$namespace"
  ip addr add "$machine_address/30" dev "$link"
  ip link set "$link" up
  ip -n "$namespace" addr add "$node_address/30" dev eth0
  ip -n "$namespace" link set lo up
  ip -n "$namespace" link set eth0 up
  ip -n "$namespace" route add default via "$machine_address"
  nsenter --net="/run/netns/$namespace" sysctl -qw net.ipv4.ip_forward=1
  ip route replace "$pods" via "$node_address"
  ip route replace "$services" via "$node_address"
}

containers() {
  timeout 30 ctr -a "$cluster/containerd/socket" -n k8s.io "$@"
}

start_containerd() {
  local folder=$cluster/containerd
  mkdir -p "$folder/state" "$cluster/cni"
  # What is mounted there later, as pods' network namespaces, is seen by containers too: as where systemd began.
  mount --bind "$folder/state" "$folder/state"
  mount --make-rshared "$folder/state"
  cat >"$cluster/cni/10-weir-k8s.conflist" <<JSON
{"cniVersion": "0.4.0", "name": "weir-k8s", "plugins": [
  {"type": "ptp", "ipMasq": false, "mtu": 1500, "ipam": {"type": "host-local", "dataDir": "$cluster/addresses",
    "ranges": [[{"subnet": "$pods"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
JSON
  # restrict_oom_score_adj: where root is without CAP_SYS_RESOURCE, as in a container.
  cat >"$cluster/conf/containerd.toml" <<TOML
version = 2
root = "$folder/root"
state = "$folder/state"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
  address = "$folder/socket"
[plugins."io.containerd.internal.v1.opt"]
  path = "$folder/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "weir-test/pause:dev"
  netns_mounts_under_state_dir = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$cluster/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
TOML
  start containerd containerd --config "$cluster/conf/containerd.toml"
  await 30 containerd containers version
}

start_node() {
  local conf=$cluster/conf
  echo "nameserver $dns_service" >"$conf/resolv.conf"
  # Images come from nowhere else: none is ever collected.
  cat >"$conf/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: $cluster/pki/ca.crt}
authorization: {mode: Webhook}
tlsCertFile: $cluster/pki/kubelet.crt
tlsPrivateKeyFile: $cluster/pki/kubelet.key
containerRuntimeEndpoint: unix://$cluster/containerd/socket
cgroupDriver: cgroupfs
cgroupRoot: /
failCgroupV1: false
failSwapOn: false
clusterDNS: [$dns_service]
clusterDomain: $domain
resolvConf: $conf/resolv.conf
podLogsDir: $cluster/pod-logs
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
syncFrequency: 10s
nodeStatusUpdateFrequency: 5s
YAML
  start kubelet "$programs/kubelet" --config="$conf/kubelet.yaml" --kubeconfig="$conf/kubelet.kubeconfig" \
    --root-dir="$cluster/kubelet" --hostname-override="$node" --node-ip="$node_address"
  # The table of connections has its size from outside the namespace.
  cat >"$conf/kube-proxy.yaml" <<YAML
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clientConnection: {kubeconfig: $conf/proxy.kubeconfig}
clusterCIDR: $pods
hostnameOverride: $node
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
iptables: {minSyncPeriod: 0s}
YAML
  start kube-proxy "$programs/kube-proxy" --config="$conf/kube-proxy.yaml"
  start_dns
  await 60 kubelet kubectl wait --for=condition=Ready "node/$node" --timeout=5s
  await 60 kube-controller-manager kubectl get serviceaccount default
}

# On the node's address, behind the usual Service.
start_dns() {
  cat >"$cluster/conf/Corefile" <<CORE
.:53 {
  bind $node_address
  errors
  ready $node_address:8181
  kubernetes $domain in-addr.arpa {
    kubeconfig $cluster/conf/coredns.kubeconfig
    ttl 5
  }
  cache 5
}
CORE
  start coredns "$programs/coredns" -conf "$cluster/conf/Corefile"
  kubectl apply -f - >/dev/null <<YAML
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system, labels: {k8s-app: kube-dns}}
spec:
  clusterIP: $dns_service
  ports:
  - {name: dns, protocol: UDP, port: 53}
  - {name: dns-tcp, protocol: TCP, port: 53}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: kube-dns-node
  namespace: kube-system
  labels: {kubernetes.io/service-name: kube-dns, endpointslice.kubernetes.io/managed-by: cluster.sh}
addressType: IPv4
endpoints:
- {addresses: [$node_address], conditions: {ready: true}}
ports:
- {name: dns, protocol: UDP, port: 53}
- {name: dns-tcp, protocol: TCP, port: 53}
YAML
  await 30 coredns curl -sf -m 2 "http://$node_address:8181/ready"
}

# Ends the containers of all pods. If containerd has crashed, it is needed once more for that.
end_pods() {
  [ -d "$cluster/containerd/root" ] || return 0
  if ! alive containerd; then
    [ -e "/run/netns/$namespace" ] || return 0 # the machine has been started anew since
    start containerd containerd --config "$cluster/conf/containerd.toml"
    await 30 containerd containers version
  fi
  local id
  for id in $(containers tasks ls -q); do
    containers tasks kill -s SIGKILL "$id" >/dev/null 2>&1 || true
  done
  for id in $(containers containers ls -q); do
    containers tasks rm -f "$id" >/dev/null 2>&1 || true
    containers containers rm "$id" >/dev/null 2>&1 || true
    rm -f "/var/lib/cni/results/"*"-$id-"*
  done
}

# What the node left on the machine: mounts below the cluster's folder, empty control groups, its network.
remove_node() {
  local mount group
  awk -v folder="$cluster/" 'index($5, folder) == 1 { print $5 }' /proc/self/mountinfo | sort -r | while read -r mount; do
    umount -l "$mount" 2>/dev/null || true
  done
  for group in /sys/fs/cgroup/kubepods /sys/fs/cgroup/*/kubepods; do
    [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
  ip link del "$link" 2>/dev/null || true
  ip netns del "$namespace" 2>/dev/null || true
  [ ! -s "$cluster/sysctl" ] || sysctl -q -p "$cluster/sysctl" 2>/dev/null || true
}
