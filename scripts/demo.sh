# ./weir demo: the shop, its sidecars, a control plane, and a story to watch. Sourced by the launcher.
#
# The apps are run by ./weir up, as the shop's weir.yaml has them; the story (module demo) is a member beside them. What
# must be done outside the mesh's network the story orders here.

. "$home/scripts/lib/tools.sh"
. "$home/scripts/lib/mesh.sh"

demo_usage() {
  cat <<'TEXT'
usage: ./weir demo [--fast] [--hold | --live] [--json FILE]

Starts a control plane and a small shop of three apps in three languages, each beside its sidecar, puts
it under load, and shows what the mesh does. Nothing is left behind.

      --fast       under a minute
      --hold       keep the shop open at the end, for playing, until Ctrl-C
      --live       no story: its scenes again and again until Ctrl-C; what ./weir ui --demo shows
      --json FILE  write the figures to FILE
  -h, --help       this text

On a terminal the last line is live: what the shop's callers get at the moment. With NO_COLOR there
are no colours.

Exit status: 0: every scene held; 1: one did not, or the shop could not be opened; 2: wrong usage;
130: Ctrl-C before the end of the story (143, 129: SIGTERM, SIGHUP).
TEXT
}

demo_wrong() {
  echo "weir demo: $*; see ./weir demo --help" >&2
  exit 2
}

# Sets fast, and the array story: what is passed on.
demo_parse() {
  fast="" story=() json=""
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) demo_usage; exit 0 ;;
      --fast) fast=yes; story+=(--fast) ;;
      --hold) story+=(--hold) ;;
      --live) story+=(--live) ;;
      --json) [ $# -ge 2 ] || demo_wrong "--json needs a file"; json=$2; shift ;;
      --json=*) json=${1#*=} ;;
      *) demo_wrong "\"$1\" is not an option" ;;
    esac
    shift
  done
  if [ -n "$json" ]; then
    (: >>"$json") 2>/dev/null || demo_wrong "--json: $json cannot be written"
    story+=(--json "$(realpath "$json")")
  fi
}

# Sets python, payments, its command, and language, its own. A version manager's wrapper need not run as everyone: asked
# is the program itself.
demo_languages() {
  local apps=$home/examples/shop/apps
  python=$(first_that_runs python3 /usr/bin/python3) \
    || fail "the demo needs Python 3 and found none; install it (Debian: apt-get install python3)"
  if command -v node >/dev/null; then
    payments="node apps/payments.js" language=Node.js
  elif command -v go >/dev/null; then
    demo_build_payments "$apps/payments.go"
    payments=$binary language=Go
  else
    fail "the demo needs Node.js or Go beside Java and Python, and found neither; install one (Debian: apt-get install nodejs)"
  fi
}

# Sets binary: kept where the other programs are built, if that is ours to write to.
demo_build_payments() {
  binary=$home/target/payments
  [ -w "$home/target" ] || binary=$work/payments
  if [ "$1" -nt "$binary" ]; then
    echo "weir: building payments with Go" >&2
    GOCACHE=$work/go XDG_CONFIG_HOME=$work go build -o "$binary" "$1" || fail "go build failed; see above"
    chmod -R u+w "$work/go"
  fi
}

first_that_runs() {
  local candidate
  for candidate in "$@"; do
    if "$candidate" --version >/dev/null 2>&1; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

# The shop's folder, with one service more: the one who tells the story.
demo_set_stage() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/weir-demo.XXXXXX")
  mkdir "$work/shop" "$work/logs"
  cp "$home"/examples/shop/*.yaml "$work/shop"
  ln -s "$home/examples/shop/apps" "$work/shop/apps"
  # A machine that is busy is not what the story is about.
  sed -i 's/backendRequest: 500ms/backendRequest: 2s/; s/request: 2s, /request: 5s, /' "$work/shop/inventory.yaml"
  # A breaker that is open for two seconds heals no worse than one of five.
  [ -z "$fast" ] || sed -i 's/openFor: 5s/openFor: 2s/' "$work/shop/inventory.yaml"
  cat >"$work/shop/shopper.yaml" <<'YAML'
# Who calls the shop.
apiVersion: v1
kind: Service
metadata: {name: shopper, namespace: shop}
spec:
  ports:
  - {name: http, port: 8080}
YAML
  mkfifo "$work/orders" "$work/story"
  mesh_locate "$work/shop"
  # What lives for a minute or two is not worth the optimizing compiler, which would take the apps' time.
  export WEIR_JAVA_OPTS="-XX:TieredStopAtLevel=1 ${WEIR_JAVA_OPTS:-}"
  export WEIR_HOLDER_LOG=$work/logs/holder.log
}

# The shop as its weir.yaml has it, with what this machine has, and one instance of each: the story is about those.
demo_open() {
  sed -i -e "s|\${JAVA_HOME}|$JAVA_HOME|; s|python3 |$python |; s|node apps/payments.js|$payments|" -e '/deploy:/d; /ports:/d' \
    "$work/shop/weir.yaml"
  "$home/weir" up "$work/shop" </dev/null >"$work/logs/shop.log" 2>&1 &
  members+=($!)
}

# Starts an instance of service $1 in the background; its log has the name $2.
demo_member() {
  local service=$1 log=$2
  shift 2
  "$home/weir" run --config "$work/shop" --service "$service" -- "$@" </dev/null >"$work/logs/$log" 2>&1 &
  members+=($!)
}

# What the terminal can show; nothing, if the lines go elsewhere.
demo_screen() {
  local size
  screen=()
  [ -t 1 ] && [ "${TERM:-dumb}" != dumb ] || return 0
  [ -n "${NO_COLOR:-}" ] || screen+=(--colours)
  size=$(stty -F "/proc/$$/fd/1" size 2>/dev/null) || return 0
  [ "${size#* }" -lt 40 ] || screen+=(--width "${size#* }")
}

demo_tell() {
  cat <"$work/story" &
  told=$!
  demo_member shopper shopper.log "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx128m \
    -jar "$(jar demo)" --work "$work" --mesh "$mesh" --story "$work/story" "${screen[@]}" "${story[@]}"
  storyteller=$!
}

# A member that makes one call. Whether it was answered, 0 or not, goes to a file.
demo_call() {
  # shellcheck disable=SC2016 # for the member's shell
  demo_member shopper "$1.log" bash -c '"$1" -c "$2"; echo $? >"$3.next"; mv "$3.next" "$3"' call "$python" \
    'from urllib.request import urlopen; urlopen("http://inventory:8080/stock", timeout=10).read()' \
    "$work/$1.status"
}

# Calls http://$2/stock from beside the mesh: without a sidecar, in plain text. Whether it was answered, 0 or not, goes
# to a file.
demo_outsider() {
  local enter=(nsenter --target "$(cat "$mesh/holder.pid")" --net) status=0
  [ "$(id -u)" = 0 ] || enter+=(--user --preserve-credentials)
  "${enter[@]}" -- "$python" -c 'import sys; from urllib.request import urlopen; urlopen(sys.argv[1], timeout=5).read()' \
    "http://$2/stock" >"$work/logs/outsider.log" 2>&1 || status=$?
  echo $status >"$work/$1.status.next"
  mv "$work/$1.status.next" "$work/$1.status"
}

# Until the story ends. The descriptor is for reading and writing: so it never meets an end.
demo_take_orders() {
  local order what where
  exec 12<>"$work/orders"
  while kill -0 "$storyteller" 2>/dev/null; do
    read -r -t 0.5 -u 12 order what where || continue
    case $order in
      call) demo_call "$what" ;;
      outsider) demo_outsider "$what" "$where" ;;
    esac
  done
}

demo_clean_up() {
  trap '' INT TERM HUP
  # Interrupted: what the story makes of a shop that is being closed is nobody's business.
  [ -z "$told" ] || { kill "$told" && wait "$told"; } 2>/dev/null || true
  [ ${#members[@]} -eq 0 ] || kill -TERM "${members[@]}" 2>/dev/null || true
  [ ${#members[@]} -eq 0 ] || wait "${members[@]}" 2>/dev/null || true
  # Who ended the story in the middle of its last line did not want to see that line.
  [[ " ${screen[*]} " != *" --width "* ]] || printf '\r\e[K'
  rm -rf "$work"
}

# Once the story is told and the shop only stays open, that is how it is closed.
demo_interrupted() {
  [ ! -e "$work/told" ] || exit "$(cat "$work/told")"
  exit "$1"
}

# The live page of the shop, with the options of ./weir ui, as soon as there is somebody to ask.
demo_show() {
  local tries=0
  until [ -n "$(find "$mesh/members" -name control-plane -print -quit 2>/dev/null)" ]; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || return 0
    sleep 0.1
  done
  "$home/weir" ui --config "$work/shop" "$@" </dev/null &
  members+=($!)
}

# All that was told is on the screen. Who reads a story that nobody began waits for a writer.
demo_end_story() {
  [ -n "$told" ] || return 0
  exec 13<>"$work/story" 13>&-
  wait "$told" || true
  told=""
}

# The last words of each log, without the requests.
demo_why() {
  local log
  for log in "$work"/logs/*.log; do
    grep -v 'sidecar\] {' "$log" | tail -n 5 | sed "s|^|$(basename "$log"): |" >&2 || true
  done
}

demo_main() {
  local status=0
  members=() told="" screen=()
  demo_parse "$@"
  need_tools
  build
  demo_set_stage
  trap demo_clean_up EXIT
  trap 'demo_interrupted 130' INT
  trap 'demo_interrupted 143' TERM
  trap 'demo_interrupted 129' HUP
  demo_languages
  demo_screen
  echo "weir: opening the shop: frontend (Java), inventory (Python), payments ($language)" >&2
  demo_open
  demo_tell
  [ "$command" = demo ] || demo_show "${ui_words[@]}"
  demo_take_orders
  wait "$storyteller" || status=$?
  demo_end_story
  [ $status = 0 ] || demo_why
  exit $status
}

demo_main "$@"
