#!/usr/bin/env bash
# Holds a mesh: its bridge, its control plane. In namespaces of its own; ends with the last member.
set -euo pipefail
. "$(dirname "$0")/mesh.sh"
. "$1"

network() {
  ip link set lo up
  # An address of its own: else it takes a member's, and changes it when members come and go.
  ip link add weir0 address 02:00:0a:58:00:01 type bridge
  ip address add "$mesh_bridge/16" dev weir0
  ip link set weir0 up
}

start_control_plane() {
  setsid setpriv --pdeathsig KILL -- "${java[@]}" dev.weir.control.Main \
    --config "$config" --listen "$mesh_bridge:15010" --admin "$mesh_bridge:$mesh_admin_port" \
    --ca "$mesh/ca" --token-key "$mesh/token-key.pem" --state "$mesh/state" 5>&- 7>&- 8>&- &
  server=$!
  echo $server >"$mesh/control-plane.pid"
}

# It has printed that it serves, or it has ended and said why, or nobody waits for it any more.
await_control_plane() {
  until grep -q "^control plane: ADS on" "$mesh/holder.log"; do
    kill -0 "$server" 2>/dev/null || exit 1
    kill -0 "$gone" 2>/dev/null || return 0
    sleep 0.05
  done
}

# A control plane that died is started again, ever less eagerly unless it had run for a while, but for
# the time that someone holds it down with the file control-plane.hold.
supervise() {
  local pause=1 ended since=$SECONDS
  while :; do
    ended=""
    { wait -n -p ended || true; } 2>/dev/null # the shell would say that it was killed
    [ "$ended" != "$gone" ] || return 0
    [ $((SECONDS - since)) -lt 10 ] || pause=1
    echo "weir: the control plane ended; it is started again" >&2
    until sleep $pause && [ ! -e "$mesh/control-plane.hold" ]; do
      kill -0 "$gone" 2>/dev/null || return 0
      pause=0.2
    done
    pause=$((${pause%.*} < 1 ? 1 : ${pause%.*} < 16 ? ${pause%.*} * 2 : 30))
    start_control_plane
    since=$SECONDS
  done
}

# One that does not end is no reason for a mesh to stay.
end_control_plane() {
  local tries=0
  kill "$server" 2>/dev/null || return 0
  while kill -0 "$server" 2>/dev/null && [ $tries -lt 200 ]; do
    tries=$((tries + 1))
    sleep 0.05
  done
  kill -KILL "$server" 2>/dev/null || true
  wait "$server" || true
}

take_away() {
  [ -z "$server" ] || end_control_plane
  mesh_lock "$mesh" && mesh_remove "$mesh"
}

# Descriptor 8 is the holder's lock, from who started this; 5 keeps the program of the outer network alive.
exec 7>>"$mesh/alive"
server=""
# A lock is its open file's: when this has it, so has the shell.
flock -x 7 5>&- 8>&- &
gone=$!
trap 'take_away; exit 0' TERM INT HUP
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
network
if [ -z "$control_plane" ]; then
  start_control_plane
  await_control_plane
fi
echo $$ >"$mesh/holder.pid"
touch "$mesh/ready"
supervise
take_away
