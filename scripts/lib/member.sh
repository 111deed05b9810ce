#!/usr/bin/env bash
# A member of the mesh: its network, its sidecar, its app. In namespaces of its own, from start to end.
set -euo pipefail
. "$(dirname "$0")/mesh.sh"
. "$1/context"

drain_seconds=5
sidecar="" watch="" program="" signal="" loggers=()

fail() {
  echo "weir run: $*" >&2
  exit 1
}

# The member's own network, joined to the bridge of the mesh.
link() {
  ip link set lo up
  ip link add eth0 type veth peer name "$link" netns "$holder"
  nsenter --net="/proc/$holder/ns/net" ip link set "$link" master weir0 up
  ip address add "$address/16" dev eth0
  ip link set eth0 up
  ip route add default via "$mesh_bridge"
}

# Names and redirects, as the control plane says.
prepare() {
  local ads=${control_plane:-$mesh_bridge:15010}
  "${java[@]}" -XX:TieredStopAtLevel=1 dev.weir.sidecar.member.Main \
    --service "$service" ${namespace:+--namespace "$namespace"} --name "$name" --address "$address" \
    --control-plane "$ads" --services "http://${ads%:*}:$mesh_admin_port/services" \
    --kept "$mesh/services-${ads%:*}.json" --folder "$member" 6>&- 7>&- || exit 1
  mount --bind "$member/hosts" /etc/hosts
  # Who is not in it is nowhere: said at once, and not after the timeouts of servers out of reach.
  echo "nameserver 127.0.0.1" >"$member/resolv.conf"
  [ ! -e /etc/resolv.conf ] || mount --bind "$member/resolv.conf" "$(realpath /etc/resolv.conf)"
  nft -f "$member/rules.nft"
}

# Lines of descriptor $1 go out on this process's $2, as the sed script $3 makes them. What stops the
# member leaves this to the end, so that no line is lost.
edited() {
  eval "exec $1> >(trap '' INT TERM HUP; exec 6>&- 7>&-; exec sed -u \"\$3\" >&$2)"
  loggers+=($!)
}

# The sed script for lines on descriptor $1 with the prefix $2, dim on a terminal.
dimmed() {
  if [ -t "$1" ]; then
    echo $'s/^/\e[2m'"$2"$'/;s/$/\e[0m/'
  else
    echo "s/^/$2/"
  fi
}

# Each holds the descriptors from before it open: the first is the last to end.
logs() {
  exec 3>&1
  edited 10 2 "/^control plane: ADS on/d;s/^weir: the control plane //;s/^control plane: //;$(dimmed 2 "[control plane] ")"
  edited 4 1 "s/^/[$name] /"
  edited 5 2 "s/^/[$name] /"
  edited 8 3 "$(dimmed 3 "[$name sidecar] ")"
  [ -n "$control_plane" ] || follow_control_plane "${loggers[-1]}"
  exec 10>&-
}

# What the control plane says, as long as the process $1 lives, and what there was to say by then.
follow_control_plane() {
  local from
  from=$(control_plane_news <"$mesh/holder.log")
  (
    trap '' INT TERM HUP
    exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&-
    exec tail -n "+$from" -f -s 0.1 --pid="$1" "$mesh/holder.log" >&10 2>/dev/null 10>&-
  ) &
  loggers+=($!)
}

# The line from which on its log is not the past: what it found when it last looked, if it found
# anything, and what comes after.
control_plane_news() {
  awk '
    /^control plane: .* in force/ { from = said + 1 < NR ? said + 1 : NR + 1 }
    /^control plane: |^weir: / { said = NR }
    END { print from ? from : 1 }'
}

start_sidecar() {
  mkdir -p "$mesh/last-good"
  setsid setpriv --pdeathsig KILL -- "${java[@]}" dev.weir.sidecar.Main \
    -c "$member/bootstrap.yaml" --last-good "$mesh/last-good/$name" --drain-time $drain_seconds \
    </dev/null >&8 2>&8 3>&- 4>&- 5>&- 8>&- 6>&- 7>&- &
  sidecar=$!
}

# Ends when the mesh's holder does, and its network with it; not at what stops the member.
watch_holder() {
  (
    trap '' INT TERM HUP
    exec tail -f -s 0.5 --pid="$holder" /dev/null </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&-
  ) &
  watch=$!
}

# In a shell of its own: a connection that is refused ends it.
ready() (
  exec 3<>/dev/tcp/127.0.0.1/15000 || exit
  printf 'GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
  read -r -t 2 answer <&3
  [[ $answer == *" 200 "* ]]
) 2>/dev/null

await_ready() {
  local tries=0
  until ready; do
    kill -0 "$sidecar" 2>/dev/null || fail "$name: its sidecar did not start; see above"
    tries=$((tries + 1))
    [ $tries -lt 600 ] || fail "$name: its sidecar was not ready within a minute"
    sleep 0.1
  done
}

# The app runs in a session of its own, so that it gets each signal once; as the user who asked, also
# where that is root in here.
start_program() {
  local user=()
  [ "$uid" = 0 ] || user=(unshare --user --map-user="$uid" --map-group="$gid" --)
  setsid "${user[@]}" setpriv --pdeathsig KILL -- env --default-signal=INT,QUIT -- "${app[@]}" \
    <&0 >&4 2>&5 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- &
  program=$!
}

# Waits for one of the processes $@ to end, or for a signal. The shell would say that it was killed.
await() {
  wait -n "$@" || true
} 2>/dev/null

running() {
  kill -0 "$1" 2>/dev/null
}

# Told to stop, the member leaves the mesh first: its callers go elsewhere, what is under way ends, and
# the sidecar's end is when the app is told. Told again, nobody is asked any more.
told() {
  if [ -z "$signal" ]; then
    signal=$1
    kill -TERM "$sidecar" 2>/dev/null || true
  else
    kill -KILL "$sidecar" "-$program" 2>/dev/null || true
  fi
}

stop_program() {
  kill "-$1" -- "-$program" 2>/dev/null || true
  while running "$program"; do
    await "$program"
  done
}

# The app's end is the member's; so is the end of what the app cannot be without: its sidecar, its mesh.
# Exits with the app's status, unless it was stopped.
await_end() {
  local status=0
  while running "$program" && running "$sidecar" && running "$watch"; do
    await "$program" "$sidecar" "$watch"
  done
  if running "$program"; then
    [ -n "$signal" ] || echo "weir run: $name: its $(running "$watch" && echo sidecar || echo mesh) ended; the app is stopped" >&2
    stop_program "${signal:-TERM}"
    status=1
  else
    wait "$program" || status=$?
  fi
  [ -z "$signal" ] || status=$((128 + $(kill -l "$signal")))
  exit "$status"
}

# Whatever the app has started and left is in the member's network namespace.
left_behind() {
  local own process
  own=$(readlink /proc/self/ns/net)
  for process in /proc/[0-9]*; do
    if [ "$(readlink "$process/ns/net" 2>/dev/null)" = "$own" ]; then
      process=${process#/proc/}
      [[ " $$ $BASHPID $sidecar ${loggers[*]} " == *" $process "* ]] || echo "$process"
    fi
  done
}

clean_up() {
  trap '' INT TERM HUP
  local pids
  if [ -n "$sidecar" ]; then
    kill -TERM "$sidecar" 2>/dev/null || true
    wait "$sidecar" 2>/dev/null || true
  fi
  [ -z "$watch" ] || { kill -KILL "$watch" && wait "$watch"; } 2>/dev/null || true
  pids=$(left_behind)
  # shellcheck disable=SC2086 # they are words
  [ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
  exec 3>&- 4>&- 5>&- 8>&-
  wait "${loggers[@]}" 2>/dev/null || true
  if mesh_lock "$mesh" -w 10; then
    rm -rf "$member"
  fi
  mesh_leave
}

# Until there is an app, a signal ends it all.
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
link
logs
prepare
start_sidecar
await_ready
watch_holder
start_program
trap 'told INT' INT
trap 'told TERM' TERM
trap 'told HUP' HUP
await_end
