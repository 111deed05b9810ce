# ./weir up, ps, logs, restart, exec, down, status, config: a whole folder's services, and members seen from outside.
# Sourced by the launcher. All but exec are one program, dev.weir.sidecar.up.

. "$home/scripts/lib/mesh.sh"
. "$home/scripts/lib/tools.sh"

# Sets the array words to what the program is given.
up_words() {
  local java colours=false
  java_of sidecar
  [ ! -t 1 ] || [ -n "${NO_COLOR:-}" ] || colours=true
  words=("${java[@]}" -Dweir.launcher="$home/weir" -Dweir.colours=$colours -Xms6m -Xmx64m -XX:NewSize=2m -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=16m -Xss512k
    dev.weir.sidecar.up.Main "$command" "$@")
}

# Until all are ready, or it is late, or it ends: it closes its output then. The last line says which.
up_detached() {
  local up line last=""
  exec 5< <(exec setsid "${words[@]}" </dev/null)
  up=$!
  while IFS= read -r line; do
    echo "$line"
    last=$line
  done <&5
  case $last in
    "weir up: all are ready"*) return 0 ;;
    "weir up: these are not ready yet"*) return 1 ;;
    *) wait $up ;;
  esac
}

exec_usage() {
  cat <<'TEXT'
Usage: weir exec [--config=DIR] [-e NAME=VALUE] [-w DIR] SERVICE -- COMMAND [ARGUMENT...]
Runs COMMAND beside the app of a member of the mesh of DIR, this folder if it is not named: in its network,
with its names, its sidecar and its host's name, in its working folder, with the variables that its service
is given. SERVICE is the service, or one instance, as inventory-1.

  -e, --env=NAME=VALUE   A variable more; may be repeated.
  -w, --workdir=DIR      Another working folder.

Exit status: COMMAND's; 1: there is no such member; 2: wrong usage.
TEXT
}

exec_wrong() {
  echo "weir exec: $*; see weir exec --help" >&2
  exit 2
}

exec_parse() {
  folder=. service="" workdir="" app=() extra=()
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) exec_usage; exit 0 ;;
      --) app=("${@:2}"); break ;;
      --config=*) folder=${1#*=} ;;
      --env=* | --workdir=*) exec_option "${1%%=*}" "${1#*=}" ;;
      --config | -e | --env | -w | --workdir)
        [ $# -ge 2 ] || exec_wrong "$1 needs a value"
        exec_option "$1" "$2"
        shift ;;
      -*) exec_wrong "Unknown option: '$1'" ;;
      *) [ -z "$service" ] || exec_wrong "Unexpected argument: '$1' (the command comes after --)"; service=$1 ;;
    esac
    shift
  done
  [ -n "$service" ] || exec_wrong "Missing required parameter: 'SERVICE'"
  [ ${#app[@]} -gt 0 ] || exec_wrong "no command: weir exec SERVICE -- COMMAND"
  [ -d "$folder" ] || exec_wrong "--config: $folder is not a folder"
  [ -z "$workdir" ] || [ -d "$workdir" ] || exec_wrong "--workdir: $workdir is not a folder"
}

exec_option() {
  case $1 in
    --config) folder=$2 ;;
    -w | --workdir) workdir=$2 ;;
    *) [[ $2 =~ ^[A-Za-z_][A-Za-z0-9_.-]*= ]] || exec_wrong "--env: \"$2\" is not NAME=VALUE"; extra+=("$2") ;;
  esac
}

# Becomes a process beside the app, in the terminal of whoever asks.
exec_main() {
  local folder service workdir app extra variables member pid namespaces=(--user --preserve-credentials) user=()
  exec_parse "$@"
  mesh_locate "$folder"
  for member in "$mesh/members/$service" "$mesh/members/${service##*/}"-*; do
    pid=$(cat "$member/pid" 2>/dev/null) && kill -0 "$pid" 2>/dev/null || continue
    [ "$(id -u)" != 0 ] || namespaces=()
    [ "$(id -u)" = 0 ] || user=(unshare --user --map-user="$(id -u)" --map-group="$(id -g)" --)
    mapfile -d '' -t variables <"$member/variables"
    workdir=${workdir:-$(readlink "/proc/$pid/cwd" || echo "$PWD")}
    # shellcheck disable=SC2016 # for the shell in there
    exec nsenter --target "$pid" "${namespaces[@]}" --net --uts --mount -- \
      bash -c 'cd "$0" && exec "$@"' "$(realpath "$workdir")" "${user[@]}" env -- "${variables[@]}" "${extra[@]}" "${app[@]}"
  done
  fail "no instance of $service runs in the mesh of $config; see ./weir status $folder"
}

up_main() {
  local words word detached=""
  if [ "$command" = exec ]; then
    exec_main "$@"
  fi
  build
  up_words "$@"
  if [ "$command" != up ]; then
    exec "${words[@]}"
  fi
  need_tools
  for word in "$@"; do
    case $word in -d | --detach) detached=yes ;; --help | -h | --version | -V) detached=""; break ;; esac
  done
  if [ -n "$detached" ]; then
    up_detached
  else
    exec "${words[@]}"
  fi
}

up_main "$@"
