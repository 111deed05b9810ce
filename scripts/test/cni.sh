#!/usr/bin/env bash
# In a network namespace of its own, with the rights that a node's agent has: an agent, the plugin that it installed, as
# a container runtime runs it, and "pods", which are further network namespaces. Says what is not as it should be.
#
#   cni.sh rules     a pod that is annotated is redirected as its annotation says, another is left alone
#   cni.sh sidecar   a pod's sidecar waits until it is redirected to (root: it is another user)
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$home/scripts/lib/programs.sh"
. "$home/scripts/lib/jdk.sh"
find_jdk
work=$(mktemp -d "${TMPDIR:-/tmp}/weir-cni.XXXXXX")
chmod 755 "$work"
started=()
trap 'kill ${started[@]+"${started[@]}"} 2>/dev/null || true; wait; rm -rf "$work"' EXIT

fail() {
  echo "$*"
  cat "$work"/*.log 2>/dev/null || true
  exit 1
}

# await CONDITION...: a command that comes true.
await() {
  local tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || fail "not within 30 s: $*"
    sleep 0.1
  done
}

# What runs a command of the sidecar's image.
sidecar=("$JAVA_HOME/bin/java" -XX:TieredStopAtLevel=1 -cp "$(echo "$(programs)"/sidecar/weir-sidecar-*.jar)"
  dev.weir.sidecar.Commands)

# A pod's network; sets pod, a process in it.
make_pod() {
  unshare -n sleep 120 &
  pod=$!
  started+=("$pod")
  await differs
  in_pod ip link set lo up
  in_pod ip address add 10.99.0.5/32 dev lo
}

differs() {
  [ "$(readlink "/proc/$pod/ns/net")" != "$(readlink /proc/$$/ns/net)" ]
}

in_pod() {
  nsenter --net="/proc/$pod/ns/net" -- "$@"
}

result='{"cniVersion":"0.4.0","odd":"} \"{","ips":[]}'

# add ANNOTATIONS: what the runtime gets for the pod.
add() {
  env -i CNI_COMMAND=ADD "CNI_CONTAINERID=pod-$pod" "CNI_NETNS=/proc/$pod/ns/net" CNI_IFNAME=eth0 \
    "CNI_ARGS=K8S_POD_NAMESPACE=shop;K8S_POD_NAME=cart" "$work/bin/weir-cni" <<JSON
{"cniVersion":"0.4.0","name":"k8s","prevResult":$result,
 "runtimeConfig":{"io.kubernetes.cri.pod-annotations":$1},"type":"weir-cni"}
JSON
}

rules() {
  command -v busybox >/dev/null || fail "needs a static busybox; install it (Debian: apt-get install busybox-static)"
  mkdir "$work/bin" "$work/conf"
  echo '{"cniVersion":"0.4.0","name":"k8s","plugins":[{"type":"ptp"}]}' >"$work/conf/10-k8s.conflist"
  "${sidecar[@]}" cni --bin="$work/bin" --conf="$work/conf" --run="$work/run" --busybox="$(command -v busybox)" \
    >"$work/agent.log" 2>&1 &
  started+=($!)
  await test -e "$work/run/ready"
  make_pod
  [ "$(add '{"weir.dev/injected":"x"}')" = "$result" ] || fail "another pod does not get what was made"
  [ -z "$(in_pod nft list ruleset)" ] || fail "another pod has rules"
  [ "$(add '{"weir.dev/intercept":"--user=1337 --family=dual --exclude-outbound-port=5432"}')" = "$result" ] \
    || fail "the pod does not get what was made"
  in_pod nft list table inet weir >"$work/rules.log"
  grep -q "tcp dport 5432 return" "$work/rules.log" || fail "the annotation does not hold"
  grep -q "redirect to :15001" "$work/rules.log" || fail "nothing is redirected"
  add '{"weir.dev/intercept":"--remove"}' >"$work/refused.log" && fail "a word that is not a pod's is taken"
  grep -q 'remove.* is not for a pod to say' "$work/refused.log" || fail "what is wrong is not said"
  [ -z "$(nft list ruleset)" ] || fail "the node itself has rules"
}

# start_sidecar LOG: of the pod.
start_sidecar() {
  mkdir -p "$work/run"
  chmod 777 "$work/run"
  touch "$work/roots" "$work/token" "$work/$1"
  # (As a command by itself, so that its process id is the sidecar's.)
  nsenter --net="/proc/$pod/ns/net" -- setpriv --reuid=1337 --regid=1337 --clear-groups -- "${sidecar[@]}" pod --pod=cart --namespace=shop \
    --service-account=cart --address=10.99.0.5 --control-plane=192.0.2.1:15012 --roots="$work/roots" \
    --token="$work/token" --folder="$work/run" >"$work/$1" 2>&1 &
  started+=($!)
}

sidecar() {
  make_pod
  start_sidecar first.log
  await grep -q "pod shop/cart are not redirected" "$work/first.log"
  ! grep -q "^listener" "$work/first.log" || fail "it serves"
  in_pod "${sidecar[@]}" intercept --user=1337
  await grep -q "they are redirected now" "$work/first.log"
  kill "${started[-1]}"
  wait "${started[-1]}" || true
  start_sidecar second.log
  await grep -q "^listener status: " "$work/second.log"
  ! grep -q "not redirected" "$work/second.log" || fail "it does not see that it is redirected to"
}

case ${1:-} in
  rules | sidecar) "$1" ;;
  *) fail "usage: cni.sh rules | sidecar" ;;
esac
