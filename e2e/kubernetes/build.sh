#!/usr/bin/env bash
# Builds the programs of a real Kubernetes from their sources, by the Go module proxy: no container, no download
# of binaries. What is there is left alone, and a build that was cut short goes on where it stopped.
#
#   build.sh [PROGRAM...]     kube-apiserver kubectl helm gateway-crds, unless others are named: kube-controller-manager,
#                             kube-scheduler, kubelet, kube-proxy, coredns, gateway-conformance, echo-server, echo-client,
#                             prometheus-operator
#
# gateway-crds are Gateway API's own, a folder; gateway-conformance is the suite by which meshes are tested for it. The
# image that its pods are made of is named in gateway-image, and the echo programs are what is in that image. Beside
# prometheus-operator stand its CRDs, the folder prometheus-operator-crds.
#
# They are put into WEIR_KUBERNETES (~/.cache/weir-k8s/<version>), whose path is the last line printed. etcd is not
# built: it is Debian's. From nothing it takes ten minutes on two processors.
set -euo pipefail

version=1.34.4
helm_version=3.22.0
coredns_version=1.13.1
gateway_version=1.6.3
operator_version=0.85.0
echo_version=v0.0.0-20260827124520-eed52ebb66ad
folder=${WEIR_KUBERNETES:-$HOME/.cache/weir-k8s/$version}

fail() {
  echo "build.sh: $*" >&2
  exit 1
}

need_etcd() {
  local apt=(apt-get)
  if command -v etcd >/dev/null; then
    return
  fi
  [ "$(id -u)" = 0 ] || apt=(sudo -n apt-get)
  if ! command -v apt-get >/dev/null || ! "${apt[@]}" --version >/dev/null 2>&1; then
    fail "needs etcd; install it (Debian: sudo apt-get install etcd-server)"
  fi
  echo "etcd: installing etcd-server" >&2
  "${apt[@]}" install -y -q etcd-server >/dev/null 2>&1 \
    || { "${apt[@]}" update -q >/dev/null && "${apt[@]}" install -y -q etcd-server >/dev/null; } \
    || fail "apt-get cannot install etcd-server"
}

find_go() {
  go=/usr/local/go/bin/go
  ! command -v go >/dev/null || go=$(command -v go)
  [ -x "$go" ] || fail "needs Go 1.24 or later to build Kubernetes; install it (Debian: apt-get install golang)"
  export CGO_ENABLED=0 GOFLAGS="-buildvcs=false -trimpath"
}

# module NAME: makes the folder of a module of our own, which only requires others, with what is read as the rest
# of its go.mod; its path is printed.
module() {
  local module=$folder/.module/$1
  mkdir -p "$module"
  { printf 'module weir.dev/%s\n\n' "$1" && cat; } >"$module/go.mod"
  echo "$module"
}

# Kubernetes requires its libraries as v0.0.0 and finds them beside itself; from outside they are those of the same
# release that are published.
kubernetes_module() {
  local empty theirs
  empty=$(printf 'go 1.24.0\n' | module fetch)
  theirs=$(cd "$empty" && "$go" mod download -json "k8s.io/kubernetes@v$version" \
    | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')
  {
    printf 'go 1.24.0\n\ngodebug default=go1.24\n\nrequire k8s.io/kubernetes v%s\n\n' "$version"
    sed -nE "s#^[[:space:]]*(replace )?(k8s\.io/[^ ]+) => \./staging/.*#replace \2 => \2 v0.${version#*.}#p" "$theirs"
  } | module kubernetes
}

coredns_module() {
  local module
  module=$(printf 'go 1.24.0\n\nrequire github.com/coredns/coredns v%s\n' "$coredns_version" | module coredns)
  cat >"$module/main.go" <<'GO'
// CoreDNS with the plugins that the DNS of a cluster needs.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/hosts"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/log"
	_ "github.com/coredns/coredns/plugin/ready"
)

func main() {
	dnsserver.Directives = []string{"bind", "health", "ready", "errors", "log", "cache", "hosts", "kubernetes"}
	coremain.Run()
}
GO
  echo "$module"
}

# The suite's tests require Gateway API's own module as one beside them.
gateway_module() {
  module gateway <<MOD
go 1.26.0

require sigs.k8s.io/gateway-api/conformance v$gateway_version

replace sigs.k8s.io/gateway-api => sigs.k8s.io/gateway-api v$gateway_version
MOD
}

# The CRDs of the suite's own version, and the name of the image of its pods.
gateway_files() {
  local module=$1 api suite new=$folder/.gateway-crds.new
  (cd "$module" && "$go" mod download sigs.k8s.io/gateway-api sigs.k8s.io/gateway-api/conformance)
  api=$(cd "$module" && "$go" list -mod=mod -m -f '{{.Dir}}' sigs.k8s.io/gateway-api)
  suite=$(cd "$module" && "$go" list -mod=mod -m -f '{{.Dir}}' sigs.k8s.io/gateway-api/conformance)
  rm -rf "$new"
  mkdir "$new"
  install -m 644 "$api"/config/crd/standard/*.yaml "$new"
  sed -n 's/^ *image: *//p' "$suite/mesh/manifests.yaml" | sort -u >"$folder/gateway-image"
  [ "$(wc -l <"$folder/gateway-image")" = 1 ] || fail "the suite's pods are of several images now; see $suite/mesh"
  mv "$new" "$folder/gateway-crds"
}

operator_module() {
  printf 'go 1.24.0\n\nrequire github.com/prometheus-operator/prometheus-operator v%s\n' "$operator_version" \
    | module prometheus-operator
}

operator_crds() {
  local module=$1 source new=$folder/.prometheus-operator-crds.new
  source=$(cd "$module" && "$go" list -mod=mod -m -f '{{.Dir}}' github.com/prometheus-operator/prometheus-operator)
  rm -rf "$new" "$folder/prometheus-operator-crds"
  mkdir "$new"
  install -m 644 "$source"/example/prometheus-operator-crd/*.yaml "$new"
  mv "$new" "$folder/prometheus-operator-crds"
}

# compile NAME MODULE PACKAGE [FLAG...]: the flags are the linker's. With verb=test it is the package's test.
compile() {
  local name=$1 module=$2 package=$3 begun=$SECONDS what=(build)
  [ "${verb:-}" != test ] || what=(test -c -vet=off)
  shift 3
  echo "$name: building" >&2
  (cd "$module" && "$go" "${what[@]}" -mod=mod -ldflags "-s -w $*" -o "$folder/.$name.new" "$package") \
    || fail "$name is not built; run it again to go on"
  mv "$folder/.$name.new" "$folder/$name"
  echo "$name: built in $((SECONDS - begun)) s" >&2
}

# Clients and charts ask Kubernetes' programs for their version, which else would be v0.0.0.
kubernetes_flags() {
  local package minor=${version#1.}
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    echo "-X $package.gitVersion=v$version -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*}" \
      "-X $package.gitTreeState=clean -X $package.buildDate=1970-01-01T00:00:00Z"
  done
}

build() {
  local name=$1 module
  if [ -x "$folder/$name" ]; then
    return
  fi
  find_go
  case $name in
    kube-apiserver | kube-controller-manager | kube-scheduler | kubelet | kube-proxy | kubectl)
      module=$(kubernetes_module)
      # shellcheck disable=SC2046 # they are words
      compile "$name" "$module" "k8s.io/kubernetes/cmd/$name" $(kubernetes_flags) ;;
    helm)
      module=$(printf 'go 1.24.0\n\nrequire helm.sh/helm/v3 v%s\n' "$helm_version" | module helm)
      compile helm "$module" helm.sh/helm/v3/cmd/helm \
        "-X helm.sh/helm/v3/internal/version.version=v$helm_version" ;;
    coredns)
      module=$(coredns_module)
      compile coredns "$module" . ;;
    gateway-crds)
      module=$(gateway_module)
      gateway_files "$module" ;;
    gateway-conformance)
      build gateway-crds
      module=$(gateway_module)
      verb="test" compile gateway-conformance "$module" sigs.k8s.io/gateway-api/conformance ;;
    echo-server | echo-client)
      module=$(printf 'go 1.26.0\n\nrequire istio.io/istio %s\n' "$echo_version" | module echo)
      compile "$name" "$module" "istio.io/istio/pkg/test/echo/cmd/${name#echo-}" ;;
    prometheus-operator)
      module=$(operator_module)
      operator_crds "$module"
      compile "$name" "$module" github.com/prometheus-operator/prometheus-operator/cmd/operator ;;
    *) fail "\"$name\" is none of its programs; see the head of $0" ;;
  esac
}

[ $# -gt 0 ] || set -- kube-apiserver kubectl helm gateway-crds
need_etcd
mkdir -p "$folder"
for name in "$@"; do
  build "$name"
done
echo "$folder"
