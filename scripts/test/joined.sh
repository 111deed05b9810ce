#!/usr/bin/env bash
# Members of another's control plane, which is at 192.0.2.1 of a network of its own and tells by TLS who is who. Prints
# what a call between two of them came to, and who called as the callee's log has it; then what is said to those who may
# not join.
#
#   joined.sh WEIR PYTHON SHOP WORK     in namespaces of network and mounts, as their root
set -euo pipefail
weir=$1 python=$2 shop=$3 work=$4
here=$(dirname "$0") port=15010
trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT

# One whose words go into the folder $1, until it serves.
control_plane() {
  local folder=$1
  shift
  : >"$folder/control-plane.out"
  "$weir" control-plane --config "$shop" --state none "$@" >"$folder/control-plane.out" 2>&1 &
  until grep -q "ADS on" "$folder/control-plane.out"; do
    kill -0 $! || { cat "$folder/control-plane.out"; exit 1; }
    sleep 0.1
  done
}

# Becomes a member of service $1 of the control plane at $port with $2's token and the roots of the folder $3.
join() {
  local service=$1 token=$work/$2.token roots=$3/ca/root-cert.pem
  shift 3
  exec "$weir" run --config "$shop" --service "$service" --control-plane "192.0.2.1:$port" --control-plane-roots "$roots" \
    --control-plane-token "$token" -- "$@"
}

refused() {
  local status=0
  (join "$@" true) >"$work/refused.out" 2>&1 </dev/null || status=$?
  echo "$status $(grep '^weir run' "$work/refused.out")"
}

ip link set lo up
ip address add 192.0.2.1/32 dev lo
mkdir "$work"/{own,other,plain}
for folder in own other; do
  tls=(--ca "$work/$folder/ca" --token-key "$work/$folder/token-key.pem" --trust-domain mesh.test)
  control_plane "$work/$folder" "${tls[@]}" --listen "192.0.2.1:$port" --admin "127.0.0.1:$((port + 4))" --instances 10.88.0.0/16
  port=$((port + 100))
done
control_plane "$work/plain" --insecure --listen "192.0.2.1:$port" --admin 127.0.0.1:0
for service in frontend inventory; do
  "$weir" token --key "$work/own/token-key.pem" --trust-domain mesh.test "shop/$service" >"$work/$service.token"
done
"$weir" token --key "$work/other/token-key.pem" --trust-domain mesh.test shop/frontend >"$work/strange.token"

plain=$port port=15010
: >"$work/inventory.out"
join inventory inventory "$work/own" "$python" "$here/app.py" >"$work/inventory.out" 2>&1 </dev/null &
until grep -q "^serving" "$work/inventory.out"; do
  kill -0 $! || { cat "$work/inventory.out" "$work/own/control-plane.out"; exit 1; }
  sleep 0.1
done
(join frontend frontend "$work/own" curl -s -o /dev/null -w '%{http_code}\n' --max-time 20 http://inventory:8080/) 2>"$work/frontend.out" </dev/null \
  || tail "$work/frontend.out"
until grep -q '"peer_identity":' "$work/inventory.out"; do sleep 0.1; done
grep -o '"peer_identity":[^,}]*' "$work/inventory.out" | sort -u
refused inventory frontend "$work/own"
refused frontend strange "$work/own"
refused frontend frontend "$work/other"
port=$plain
refused frontend frontend "$work/own"
