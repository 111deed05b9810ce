# ./weir run: starts a program as a member of the mesh on this machine. Sourced by the launcher.
#
# The mesh of a folder lives in a runtime folder and a network namespace of its own (lib/mesh.sh,
# lib/holder.sh); this process becomes the member's (lib/member.sh), in a namespace beside it.

. "$home/scripts/lib/tools.sh"
. "$home/scripts/lib/mesh.sh"

# Sets config, service, namespace, control_plane and isolated, and the arrays publish: its ports, variables: the app's, options: what the member's
# program is told, and app: the command. What is wrong is said, and is the end.
run_parse() {
  local java item plan=()
  config="" service="" namespace="" control_plane="" isolated="" variables=() options=() publish=() app=()
  java_of sidecar
  exec 3>&1
  # Its words are UTF-8 whatever the locale.
  mapfile -d '' -t plan < <(LC_ALL=C.UTF-8 exec "${java[@]}" "${small[@]}" dev.weir.sidecar.run.Main "$@" \
    4>&1 >&3 3>&- </dev/null)
  wait $! || exit $?
  exec 3>&-
  [ ${#plan[@]} -gt 0 ] || exit 0 # it was asked for help
  for item in "${plan[@]}"; do
    case $item in
      config=*) config=${item#*=} ;;
      service=*) service=${item#*=} ;;
      namespace=*) namespace=${item#*=} ;;
      control_plane=*) control_plane=${item#*=} ;;
      isolated=*) isolated=${item#*=} ;;
      variable=*) variables+=("${item#*=}") ;;
      publish=*) publish+=("${item#*=}") ;;
      option=*) options+=("${item#*=}") ;;
    esac
  done
  while [ "$1" != -- ]; do
    shift
  done
  app=("${@:2}")
}

# Who listens at published ports stays in this network; it ends with this process, which becomes the member.
run_publish() {
  local java publisher
  java_of sidecar
  setpriv --pdeathsig KILL -- "${java[@]}" "${small[@]}" dev.weir.sidecar.run.Publish "$member" "$member/published" \
    -- "${publish[@]}" </dev/null >&2 6>&- 7>&- &
  publisher=$!
  until [ -e "$member/published" ]; do
    kill -0 $publisher 2>/dev/null || exit 1 # it has said why
    sleep 0.05
  done
}

# A program that waits most of the time.
small=(-Xms6m -Xmx32m -XX:NewSize=2m -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=16m -Xss512k)

run_main() {
  build
  run_parse "$@"
  need_tools
  mesh_locate "$config"
  trap mesh_leave EXIT
  mesh_join
  [ -n "$isolated" ] || mesh_await_egress
  mesh_add_member
  [ ${#publish[@]} = 0 ] || run_publish
  mesh_enter bash "$home/scripts/lib/member.sh" "$member"
}

run_main "$@"
