# ./weir run: starts a program as a member of the mesh on this machine. Sourced by the launcher.
#
# The mesh of a folder lives in a runtime folder and a network namespace of its own (lib/mesh.sh,
# lib/holder.sh); this process becomes the member's (lib/member.sh), in a namespace beside it.

. "$home/scripts/lib/tools.sh"
. "$home/scripts/lib/mesh.sh"

run_usage() {
  cat <<'TEXT'
usage: ./weir run --config DIR --service NAME [OPTION...] -- COMMAND [ARGUMENT...]

Runs COMMAND as an instance of a service: in a network of its own, its sidecar beside it, the mesh's
services under their names (http://NAME:PORT/). The first run on DIR starts a control plane for it,
later ones join, the last one out stops it. What it says, as of a policy that is wrong, comes to all of
them. The network is the mesh alone: it has no way out.

      --config DIR           the folder of services and policies
      --service NAME         the service, or NAMESPACE/NAME
      --namespace NAMESPACE  the service's namespace; default: the only one that has such a service
      --control-plane ADDRESS:PORT
                             join this control plane, reachable from the mesh's network; its admin
                             page is taken to be at port 15014 of the same address
  -h, --help                 this text

Ctrl-C: the instance leaves the mesh, what is under way ends, then COMMAND is told; a second one ends
it at once.

Exit status: COMMAND's, when it ends by itself; 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP,
whatever it was doing; 1: it could not be started; 2: wrong usage.
TEXT
}

run_wrong() {
  echo "weir run: $*; see ./weir run --help" >&2
  exit 2
}

# Sets config, service, namespace, control_plane and the array app.
run_parse() {
  config="" service="" namespace="" control_plane="" app=()
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) run_usage; exit 0 ;;
      --) shift; app=("$@"); break ;;
      --config | --service | --namespace | --control-plane)
        [ $# -ge 2 ] || run_wrong "$1 needs a value"
        run_option "$1" "$2"
        shift ;;
      --config=* | --service=* | --namespace=* | --control-plane=*) run_option "${1%%=*}" "${1#*=}" ;;
      *) run_wrong "\"$1\" is not an option (the command comes after --)" ;;
    esac
    shift
  done
  [ -n "$config" ] || run_wrong "--config DIR is missing"
  [ -d "$config" ] || run_wrong "--config: $config is not a folder"
  [ -n "$service" ] || run_wrong "--service NAME is missing"
  [ ${#app[@]} -gt 0 ] || run_wrong "no command: ./weir run ... -- COMMAND"
}

run_option() {
  [ -n "$2" ] || run_wrong "$1 needs a value"
  case $1 in
    --config) config=$2 ;;
    --service) [[ $2 =~ ^([a-z0-9-]+/)?[a-z0-9-]+$ ]] || run_wrong "--service: \"$2\" is not NAME or NAMESPACE/NAME"
      service=$2 ;;
    --namespace) namespace=$2 ;;
    --control-plane) [[ $2 =~ ^[0-9.]+:[0-9]+$ ]] || run_wrong "--control-plane: \"$2\" is not ADDRESS:PORT"
      control_plane=$2 ;;
  esac
}

run_main() {
  run_parse "$@"
  need_tools
  build
  mesh_locate "$config"
  trap mesh_leave EXIT
  mesh_join
  mesh_add_member
  mesh_enter bash "$home/scripts/lib/member.sh" "$member"
}

run_main "$@"
