# The mesh of a folder: its runtime folder, its locks, its holder.
#
#   lock          held while a member joins or leaves, and by who takes the mesh away
#   alive         shared by the members; who gets it alone, the holder, knows that all have gone
#   holder.lock   held by the holder from before its start until its end
#   holder.pid    whose network namespace has the bridge
#   egress        where sockets of the network of who made the mesh are had; names: where its name servers are asked
#   ready         made when the holder serves: then there is something to join
#   members/NAME  a folder for each instance; its lock is held as long as it lives
#
# The kernel lets go of a lock when its process ends, however it ends. So what is there without a lock
# on it was left by a crash.

mesh_bridge=10.88.0.1
mesh_network=10.88.0.0/16
mesh_admin_port=15014

# Sets mesh, the runtime folder of the mesh of the folder $1, and config, its real path.
mesh_locate() {
  config=$(realpath "$1")
  mesh_base=${XDG_RUNTIME_DIR:-/tmp}
  [ -w "$mesh_base" ] || mesh_base=/tmp
  mesh_base=$mesh_base/weir-$UID
  mesh=$mesh_base/$(printf %s "$config" | sha256sum | cut -c1-12)
}

# Who takes the last mesh away takes this folder with it, at any moment: also between two looks at it.
mesh_make_base() {
  local tries=0
  until mkdir -m 700 "$mesh_base" 2>/dev/null || [ -O "$mesh_base" ]; do
    tries=$((tries + 1))
    [ $tries -lt 50 ] || fail "$mesh_base cannot be made, or belongs to another user; remove it, or set XDG_RUNTIME_DIR"
  done
}

# Takes the lock of the mesh $1 (descriptor 9), with flock's options $2... Not if the mesh was taken
# away meanwhile: then it was the lock of the one before.
mesh_lock() {
  [ -d "$1" ] && exec 9>>"$1/lock" || return 1
  # In a trap, a bare "return" would return the status from before it.
  flock "${@:2}" 9 && [ "$1/lock" -ef /proc/self/fd/9 ] && return 0
  exec 9>&-
  return 1
} 2>/dev/null

# Takes the lock (descriptor 9) and a share in the mesh (descriptor 6); starts a holder if there is
# none, and waits until it serves. A mesh that is being taken away is waited for.
mesh_join() {
  local tries=0
  mesh_make_base
  mesh_sweep_all
  until mesh_try_join; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || fail "the mesh in $mesh is being taken away and does not end; see $mesh/holder.log"
    sleep 0.1
  done
  # Who gets the holder's lock makes a holder, and hands the lock on to it.
  exec 8>>"$mesh/holder.lock"
  if flock -n 8; then
    mesh_start_holder
  fi
  exec 8>&-
  mesh_await_holder
}

mesh_try_join() {
  mesh_make_base
  # Without -p, which would make the folder above anew, open to all.
  mkdir "$mesh" "$mesh/members" 2>/dev/null || [ -d "$mesh/members" ] || return 1
  mesh_lock "$mesh" || return 1
  exec 6>>"$mesh/alive"
  flock -s -n 6 && return 0
  exec 6>&- 9>&-
  return 1
}

# What a holder that crashed has left is of no use to the next.
mesh_start_holder() {
  local left context=$mesh/context java
  for left in "$mesh"/members/*; do
    ! flock -n "$left/lock" true 2>/dev/null || rm -rf "$left"
  done
  rm -rf "$mesh"/{holder.pid,egress,names,ready,next-address,control-plane.pid,control-plane.hold} "$mesh"/services-*.json
  java_of control-plane
  declare -p mesh mesh_bridge mesh_admin_port config control_plane java >"$context"
  # Who wants to read it when all is over has a place for it.
  [ -z "${WEIR_HOLDER_LOG:-}" ] || ln -sf "$WEIR_HOLDER_LOG" "$mesh/holder.log"
  mesh_start_egress
  setsid unshare "$(own_namespaces)" bash "$home/scripts/lib/holder.sh" "$context" \
    </dev/null >"$mesh/holder.log" 2>&1 6>&- 9>&- &
  exec 5>&-
}

# The program stays in this network; it ends with the holder, who alone has the other end of its standard input,
# descriptor 5.
mesh_start_egress() {
  local java
  java_of sidecar
  exec 5> >(exec setsid "${java[@]}" "${small[@]}" dev.weir.sidecar.egress.program.Main "$mesh/egress" "$mesh/names" \
    >>"$mesh/holder.log" 2>&1 6>&- 8>&- 9>&-)
}

mesh_await_holder() {
  local tries=0
  until [ -e "$mesh/ready" ]; do
    if flock -n "$mesh/holder.lock" true; then
      cat "$mesh/holder.log" >&2
      fail "the control plane for $config did not start; see above"
    fi
    tries=$((tries + 1))
    [ $tries -lt 1200 ] || fail "the control plane for $config did not start within a minute; see $mesh/holder.log"
    sleep 0.05
  done
}

# Its second socket is made last.
mesh_await_egress() {
  local tries=0
  until [ -e "$mesh/names" ]; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || fail "the way to other networks did not open; see $mesh/holder.log, or run with --isolated"
    sleep 0.05
  done
}

# Gives the share in the mesh back. The last one out waits for the holder to take the mesh away.
mesh_leave() {
  local tries=0
  exec 6>&- 7>&- 9>&-
  while mesh_lock "$mesh" -w 1 && mesh_without_members && [ $tries -lt 100 ]; do
    exec 9>&-
    tries=$((tries + 1))
    sleep 0.05
  done
  exec 9>&-
  mesh_sweep "$mesh"
}

mesh_without_members() {
  local other
  for other in "$mesh"/members/*/lock; do
    [ ! -e "$other" ] || flock -n "$other" true || return 1
  done
}

mesh_sweep_all() {
  local other
  for other in "$mesh_base"/*; do
    case $other in
      *.gone) rm -rf "$other" 2>/dev/null || true ;; # who was removing it was killed, or is at it
      *) mesh_sweep "$other" ;;
    esac
  done
}

# Removes the mesh in $1 if nobody is in it: its holder has crashed, or never came to be.
mesh_sweep() (
  mesh_lock "$1" -n || exit 0
  { exec 6>>"$1/alive" 8>>"$1/holder.lock" && flock -n 6 && flock -n 8; } 2>/dev/null || exit 0
  mesh_remove "$1"
)

# Who calls it has all locks of the mesh $1. Renamed first, so that who joins meanwhile makes another.
mesh_remove() {
  local gone=$1.$BASHPID.gone
  ! mv -T "$1" "$gone" || rm -rf "$gone" || true
  rmdir "${1%/*}" || true # unless there are other meshes
} 2>/dev/null

# Sets name, address, and member: the folder of a new instance, whose lock is descriptor 7. Then
# others may join.
mesh_add_member() {
  local n=${WEIR_INSTANCE:-1} holder java # weir up says which of them it is
  # What weir up has started ends with it, however that ends.
  [ -z "${WEIR_INSTANCE:-}" ] || options+=("--parent=$PPID")
  unset WEIR_INSTANCE
  while :; do
    name=${service##*/}-$n
    member=$mesh/members/$name
    mkdir -p "$member"
    exec 7>>"$member/lock"
    flock -n 7 && break
    n=$((n + 1))
  done
  n=$(cat "$mesh/next-address" 2>/dev/null || echo 2)
  echo $((n < 65000 ? n + 1 : 2)) >"$mesh/next-address"
  address=10.88.$((n / 256)).$((n % 256))
  holder=$(cat "$mesh/holder.pid")
  java_of sidecar
  local link=veth$n uid gid
  uid=$(id -u)
  gid=$(id -g)
  declare -p mesh mesh_bridge mesh_network mesh_admin_port control_plane isolated holder member name address link \
    service namespace app java small options variables uid gid >"$member/context"
  exec 9>&-
}

# Becomes a process in the mesh's user namespace, with a network, mounts and a host name of its own.
mesh_enter() {
  local holder
  holder=$(cat "$mesh/holder.pid")
  if [ "$(id -u)" = 0 ]; then
    exec unshare -nmu "$@"
  fi
  exec nsenter --target "$holder" --user --preserve-credentials unshare -nmu "$@"
}
