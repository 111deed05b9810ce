# The mesh of a folder: its runtime folder, its locks, its holder.
#
#   lock          held while a member joins, and while the holder takes the mesh away
#   alive         shared by the members; who gets it alone, the holder, knows that all have gone
#   holder.lock   held by the holder as long as it lives
#   holder.pid    whose network namespace has the bridge
#   members/NAME  a folder for each instance; its lock is held as long as it lives
#
# The kernel lets go of a lock when its process ends, however it ends.

mesh_bridge=10.88.0.1
mesh_admin_port=15014

# Sets mesh, the runtime folder of the mesh of the folder $1, and config, its real path.
mesh_locate() {
  config=$(realpath "$1")
  local base=${XDG_RUNTIME_DIR:-/tmp}
  [ -w "$base" ] || base=/tmp
  base=$base/weir-$UID
  mkdir -m 700 "$base" 2>/dev/null || [ -d "$base" ] || fail "$base cannot be made; set XDG_RUNTIME_DIR"
  [ -O "$base" ] || fail "$base belongs to another user; remove it, or set XDG_RUNTIME_DIR"
  mesh=$base/$(printf %s "$config" | sha256sum | cut -c1-12)
}

# Takes the lock (descriptor 9) and a share in the mesh (descriptor 6), and starts a holder if there
# is none. A mesh that is being taken away is waited for.
mesh_join() {
  local tries=0
  until mesh_try_join; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || fail "the mesh in $mesh is being taken away and does not end; see $mesh/holder.log"
    sleep 0.1
  done
  mesh_has_holder || mesh_start_holder
}

mesh_try_join() {
  mkdir -p "$mesh/members"
  exec 9>>"$mesh/lock" || return 1
  flock 9
  # The holder removes the folder: then this was the lock of the mesh before.
  [ "$mesh/lock" -ef /proc/self/fd/9 ] || return 1
  exec 6>>"$mesh/alive"
  flock -s -n 6 && return
  exec 6>&- 9>&-
  return 1
}

mesh_has_holder() {
  ! (flock -n 8) 8>>"$mesh/holder.lock"
}

# What a holder that crashed has left is of no use to the next.
mesh_start_holder() {
  rm -rf "$mesh/holder.pid" "$mesh/ready" "$mesh/next-address" "$mesh"/services-*.json
  local context=$mesh/context java jar
  java=$JAVA_HOME/bin/java
  jar=$(jar control-plane)
  declare -p mesh mesh_bridge mesh_admin_port config control_plane java jar jvm >"$context"
  setsid unshare "$(own_namespaces)" bash "$home/scripts/lib/holder.sh" "$context" \
    </dev/null >"$mesh/holder.log" 2>&1 6>&- 9>&- &
  local holder=$!
  while [ ! -e "$mesh/ready" ]; do
    if ! kill -0 $holder 2>/dev/null; then
      cat "$mesh/holder.log" >&2
      fail "the control plane for $config did not start; see above"
    fi
    sleep 0.05
  done
}

# Sets name, address, and member: the folder of a new instance, whose lock is descriptor 7. Then
# others may join.
mesh_add_member() {
  local n=1 holder java jar
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
  java=$JAVA_HOME/bin/java
  jar=$(jar sidecar)
  local link=veth$n uid gid
  uid=$(id -u)
  gid=$(id -g)
  declare -p mesh mesh_bridge mesh_admin_port control_plane holder member name address link \
    service namespace app java jar jvm uid gid >"$member/context"
  exec 9>&-
}

# Becomes a process in the mesh's user namespace, with a network and mounts of its own.
mesh_enter() {
  local holder
  holder=$(cat "$mesh/holder.pid")
  if [ "$(id -u)" = 0 ]; then
    exec unshare -nm "$@"
  fi
  exec nsenter --target "$holder" --user --preserve-credentials unshare -nm "$@"
}
