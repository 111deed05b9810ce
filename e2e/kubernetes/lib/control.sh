# What decides in the cluster: etcd, the API server, the controllers, the scheduler. Sourced by cluster.sh.

start_control() {
  local pki=$cluster/pki conf=$cluster/conf
  start etcd etcd --name weir-k8s --data-dir "$cluster/etcd" --unsafe-no-fsync \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
    --initial-cluster weir-k8s=http://127.0.0.1:2380
  start kube-apiserver "$programs/kube-apiserver" --advertise-address="$node_address" --secure-port=6443 \
    --etcd-servers=http://127.0.0.1:2379 \
    --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" \
    --client-ca-file="$pki/ca.crt" \
    --kubelet-client-certificate="$pki/apiserver-to-kubelet.crt" \
    --kubelet-client-key="$pki/apiserver-to-kubelet.key" \
    --kubelet-certificate-authority="$pki/ca.crt" --kubelet-preferred-address-types=InternalIP \
    --service-account-issuer="https://kubernetes.default.svc.$domain" \
    --service-account-key-file="$pki/accounts.pub" --service-account-signing-key-file="$pki/accounts.key" \
    --service-cluster-ip-range="$services" --authorization-mode=Node,RBAC \
    --enable-admission-plugins=NodeRestriction --allow-privileged=true
  await 90 kube-apiserver kubectl get --raw /readyz
  start kube-controller-manager "$programs/kube-controller-manager" --bind-address=127.0.0.1 --leader-elect=false \
    --kubeconfig="$conf/controller-manager.kubeconfig" --use-service-account-credentials \
    --service-account-private-key-file="$pki/accounts.key" --root-ca-file="$pki/ca.crt" \
    --cluster-signing-cert-file="$pki/ca.crt" --cluster-signing-key-file="$pki/ca.key"
  start kube-scheduler "$programs/kube-scheduler" --bind-address=127.0.0.1 --leader-elect=false \
    --kubeconfig="$conf/scheduler.kubeconfig"
}
