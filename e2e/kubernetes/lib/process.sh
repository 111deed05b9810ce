# The cluster's processes: what was started is known by its id and the moment of its start, so that no other is ended
# that has got the same id later. Sourced by cluster.sh.

parts=(etcd kube-apiserver kube-controller-manager kube-scheduler containerd kubelet kube-proxy coredns)

# start NAME COMMAND...: in the cluster's network. (Not by "ip netns exec", which hides the control groups.)
start() {
  local name=$1 pid
  shift
  setsid nsenter --net="/run/netns/$namespace" "$@" >"$cluster/log/$name" 2>&1 </dev/null 9>&- &
  pid=$!
  echo "$pid $(begun "$pid")" >"$cluster/process/$name"
}

# When the process $1 was started, in the kernel's ticks; nothing if there is none, or only what is left of it.
begun() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
  # shellcheck disable=SC2086 # the fields behind the name, which may have spaces: state is the first of them
  set -- ${stat##*) }
  [ "$1" = Z ] || echo "${20}"
}

alive() {
  local pid moment
  read -r pid moment 2>/dev/null <"$cluster/process/$1" && [ "$(begun "$pid")" = "$moment" ]
} 2>/dev/null

all_alive() {
  local name
  for name in "${parts[@]}"; do
    alive "$name" || return 1
  done
}

stop() {
  local name=$1 pid tries=0
  if alive "$name"; then
    read -r pid _ <"$cluster/process/$name"
    kill "$pid" 2>/dev/null || true
    while alive "$name"; do
      tries=$((tries + 1))
      [ $tries -lt 100 ] || { kill -KILL "$pid" 2>/dev/null || true; break; }
      sleep 0.1
    done
  fi
  rm -f "$cluster/process/$name"
}

# await SECONDS NAME COMMAND...: until the command succeeds; NAME's log is shown if it does not, or the process has ended.
await() {
  local until=$((SECONDS + $1)) name=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    if [ $SECONDS -ge $until ] || ! alive "$name"; then
      tail -n 20 "$cluster/log/$name" >&2
      fail "$name does not get ready; the end of its log is above"
    fi
    sleep 0.2
  done
}
