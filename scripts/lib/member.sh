#!/usr/bin/env bash
# A member of the mesh: its network and its mounts, in namespaces of its own; then this process becomes the
# program that is the rest of it (dev.weir.sidecar.member).
set -euo pipefail
. "$(dirname "$0")/mesh.sh"
. "$1/context"

# The member's own network, joined to the bridge of the mesh.
link() {
  ip link set lo up
  ip link add eth0 type veth peer name "$link" netns "$holder"
  nsenter --net="/proc/$holder/ns/net" ip link set "$link" master weir0 up
  ip address add "$address/16" dev eth0
  ip link set eth0 up
  ip route add default via "$mesh_bridge"
}

# Names: the program writes them into the file that is mounted.
mounts() {
  cat /etc/hosts >"$member/hosts"
  mount --bind "$member/hosts" /etc/hosts
  if [ -n "$isolated" ]; then
    # Who is not in it is nowhere: said at once, and not after the timeouts of servers out of reach.
    echo "nameserver 127.0.0.1" >"$member/resolv.conf"
  else
    # The program asks the servers of who started the mesh, and always answers.
    {
      echo "nameserver 127.0.0.53"
      grep -E '^[[:space:]]*(search|domain|options)[[:space:]]' /etc/resolv.conf || true
      echo "options attempts:1"
    } >"$member/resolv.conf" 2>/dev/null
  fi
  [ ! -e /etc/resolv.conf ] || mount --bind "$member/resolv.conf" "$(realpath /etc/resolv.conf)"
}

become() {
  local ads=${control_plane:-$mesh_bridge:15010} shown=() own=(--own-control-plane) way_out=(--egress "$mesh_network")
  [ -z "$control_plane" ] || own=()
  [ -n "$isolated" ] || way_out=(--egress "$mesh_network=$mesh/egress")
  [ ! -t 0 ] || [ ! -t 1 ] || shown+=(--terminal)
  [ ! -t 2 ] || shown+=(--dim)
  echo $$ >"$member/pid"
  printf '%s\0' "${java[@]}" >"$member/java"
  printf '%s\0' "${app[@]}" >"$member/command"
  : >"$member/variables"
  [ ${#variables[@]} = 0 ] || printf '%s\0' "${variables[@]}" >"$member/variables"
  exec "${java[@]}" "${small[@]}" dev.weir.sidecar.member.Main \
    --service "$service" ${namespace:+--namespace "$namespace"} --name "$name" --address "$address" \
    --control-plane "$ads" "${own[@]}" --services "http://${ads%:*}:$mesh_admin_port/services" \
    --mesh "$mesh" --holder "$holder" --folder "$member" --uid "$uid" --gid "$gid" \
    --java "$member/java" --leave "$(dirname "$0")/leave.sh" "${shown[@]}" "${way_out[@]}" \
    --command "$member/command" --environment /proc/self/environ --variables "$member/variables" "${options[@]}"
}

# The locks on the mesh and on the member, descriptors 6 and 7, are the program's from here on. Until it is there, a
# signal ends it all.
trap 'exec 6>&- 7>&-; "$(dirname "$0")/leave.sh" "$member"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
link
mounts
become
