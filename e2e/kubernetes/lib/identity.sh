# Who is who in the cluster: its authority's certificates, and kubeconfigs with them. Sourced by cluster.sh.

identities() {
  local pki=$cluster/pki api=kubernetes.default.svc
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=weir-k8s \
    -addext keyUsage=critical,digitalSignature,keyCertSign,cRLSign -keyout "$pki/ca.key" -out "$pki/ca.crt" 2>/dev/null
  # The key that signs the tokens of service accounts.
  openssl genrsa -out "$pki/accounts.key" 2048 2>/dev/null
  openssl rsa -in "$pki/accounts.key" -pubout -out "$pki/accounts.pub" 2>/dev/null
  certificate apiserver /CN=kube-apiserver \
    "DNS:kubernetes,DNS:kubernetes.default,DNS:$api,DNS:$api.$domain,DNS:localhost,IP:127.0.0.1,IP:$node_address,IP:$first_service"
  certificate apiserver-to-kubelet /O=system:masters/CN=apiserver-to-kubelet
  certificate kubelet "/O=system:nodes/CN=system:node:$node" "DNS:$node,IP:$node_address"
  certificate admin /O=system:masters/CN=admin
  certificate coredns /O=system:masters/CN=coredns
  certificate controller-manager /CN=system:kube-controller-manager
  certificate scheduler /CN=system:kube-scheduler
  certificate proxy /CN=system:kube-proxy
  local name
  for name in kubelet admin coredns controller-manager scheduler proxy; do
    kubeconfig "$name"
  done
}

# certificate NAME SUBJECT [NAMES]: with RSA, since not every client reads an elliptic curve's key in PKCS#8.
certificate() {
  local pki=$cluster/pki
  openssl req -new -newkey rsa:2048 -nodes -subj "$2" -keyout "$pki/$1.key" 2>/dev/null \
    | openssl x509 -req -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -days 3650 -out "$pki/$1.crt" -extfile <(
      echo keyUsage=critical,digitalSignature,keyEncipherment
      echo extendedKeyUsage=serverAuth,clientAuth
      [ -z "${3:-}" ] || echo "subjectAltName=$3"
    ) 2>/dev/null
}

kubeconfig() {
  (umask 077 && cat >"$cluster/conf/$1.kubeconfig") <<YAML
apiVersion: v1
kind: Config
clusters:
- name: weir-k8s
  cluster:
    server: https://$node_address:6443
    certificate-authority-data: $(base64 -w0 <"$cluster/pki/ca.crt")
users:
- name: $1
  user:
    client-certificate-data: $(base64 -w0 <"$cluster/pki/$1.crt")
    client-key-data: $(base64 -w0 <"$cluster/pki/$1.key")
contexts:
- name: weir-k8s
  context: {cluster: weir-k8s, user: $1}
current-context: weir-k8s
YAML
}
