#!/usr/bin/env bash
# Tests intercept, run and demo in real network namespaces, with real interception: as the user who asks,
# and, where that is root, as one without any right too, beside it. Ends with "N passed, N failed".
#
#   scripts/test-namespaces.sh [PATTERN...]    only the tests whose names match one, as "*interrupt*"; some of them
#                                              go on with the members of the one before
#   scripts/test-namespaces.sh --as-nobody [PATTERN...]   as root: the second part alone
set -uo pipefail

part=${1:-}
[ "$part" != --as-nobody ] || shift
wanted=("$@")

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$home/scripts/test/lib.sh"
weir=$home/weir
passed=0 failed=0
temporary=${TMPDIR:-/tmp}
work=$(mktemp -d "$temporary/weir-test.XXXXXX")
chmod 755 "$work"
# What others on the machine run is not seen, nor what this leaves.
mkdir -m 1777 "$work"/{tmp,run.me,run.nobody}
export TMPDIR=$work/tmp XDG_RUNTIME_DIR=$work/run.me
chown 65534 "$work/run.nobody" 2>/dev/null || true # not root: nobody's tests are not run
started=() beside=

# Ends what tests have started.
end_all() {
  local pid
  for pid in ${started[@]+"${started[@]}"}; do
    kill -TERM -- "-$pid" 2>/dev/null
  done
  [ ${#started[@]} = 0 ] || wait "${started[@]}" 2>/dev/null # some were waited for
  started=()
}

clean_up() {
  end_all
  [ -z "$beside" ] || { kill "$beside" 2>/dev/null && wait "$beside"; }
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# --- what the tests are written in

# The words before a command that make it nobody's, who has no right at all.
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --
  env HOME=/tmp "XDG_RUNTIME_DIR=$work/run.nobody" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)

# Starts a member of service $2 in a process group of its own, as a terminal does; its output goes to
# the log $1. Sets pid.
start() {
  local log=$work/$1 service=$2
  shift 2
  : >"$log"
  ${as[@]+"${as[@]}"} setsid env --default-signal=INT "$weir" run --config "$shop" --service "$service" \
    ${control_plane:+--control-plane "$control_plane"} ${options[@]+"${options[@]}"} -- "$@" \
    >"$log" 2>&1 </dev/null &
  pid=$!
  started+=("$pid")
}

# Runs a member of service $1 with this shell's input and output.
member() {
  local service=$1
  shift
  ${as[@]+"${as[@]}"} "$weir" run --config "$shop" --service "$service" -- "$@"
}

# Any command of the launcher.
as_who() {
  ${as[@]+"${as[@]}"} "$weir" "$@"
}

# Runs a member on a terminal, with the steps of terminal.py before --; sets status.
on_terminal() {
  local steps=()
  while [ "$1" != -- ]; do
    steps+=("$1")
    shift
  done
  shift
  status=0
  ${as[@]+"${as[@]}"} "$python" "$home/scripts/test/terminal.py" "${steps[@]}" -- \
    "$weir" run --config "$shop" --service frontend -- "$@" || status=$?
  return $status
}

# Whether there is such a line; all is read, as grep -q does not: who writes would fail of SIGPIPE.
has() {
  grep "$@" >/dev/null
}

# Until the log $1 has a line with $2, for $3 seconds at most.
expect() {
  local until=$((SECONDS + ${3:-60}))
  until grep -q -- "$2" "$work/$1"; do
    if [ $SECONDS -gt $until ]; then
      echo "no line with \"$2\" in $1 within ${3:-60} s"
      return 1
    fi
    sleep 0.1
  done
}

# What a log has but for the sidecar's lines: on a machine that is busy it has more to say.
without_sidecar() {
  grep -v '^\[[a-z0-9-]* sidecar\] ' "$work/$1"
}

# Waits for a process of start's; sets status.
ended() {
  status=0
  wait "$1" || status=$?
}

# No test takes so many seconds, on a machine that is busy too.
limit=${WEIR_TEST_LIMIT:-400}

# The processes below $1, but for the tests beside and the guard $2.
below() {
  local child
  for child in $(pgrep -P "$1"); do
    [ "$child" != "$2" ] && [ "$child" != "$beside" ] || continue
    echo "$child"
    below "$child" "$2"
  done
}

# Lets the test $1 take its time. Then says what runs of it, with the stacks of Java's threads, and kills it: the test
# goes on, and fails. If it does not, all of this ends.
guard() {
  local self=$BASHPID all pid java
  trap 'kill $!; exit' TERM
  sleep "$limit" &
  wait $!
  echo "LATE    $who: ${1//_/ }: not ended after $limit s; of it there run:"
  mapfile -t all < <(below $$ "$self")
  ps -o pid,ppid,stat,etime,wchan:20,args -p "$(IFS=,; echo "${all[*]}")" | cut -c1-400 | sed 's/^/          /'
  for pid in "${all[@]}"; do
    java=$(readlink "/proc/$pid/exe") && [ "${java##*/}" = java ] || continue
    timeout 20 "${java%/*}/jcmd" "$pid" Thread.print 2>&1 | grep -v '^$' | head -n 200 | sed 's/^/          /'
  done
  kill -KILL "${all[@]}" 2>/dev/null
  sleep 60 &
  wait $!
  kill -TERM $$
}

# Runs a test, a function whose name is what it shows. Fails with its output and that of the members.
check() {
  local log=$work/test.log name=${1//_/ } guard
  is_wanted "$1" || return 0
  guard "$1" &
  guard=$!
  # Not in a shell of its own: it waits for what others have started.
  $1 >"$log" 2>&1
  local came=$?
  kill $guard && wait $guard
  if [ $came = 0 ] && ! mistakes "$work"/*.out >>"$log"; then
    passed=$((passed + 1))
    echo "ok      $who: $name"
  else
    failed=$((failed + 1))
    echo "FAILED  $who: $name"
    end_all # or the next ones would meet it
    sed 's/^/          /' "$log"
    tail -q -n 5 "$work"/*.out 2>/dev/null | cut -c1-300 | sed 's/^/          /'
  fi
}

# --- intercept

in_namespace() {
  local flags=-Urn
  [ "$(id -u)" != 0 ] || flags=-n
  unshare $flags bash -c "$1" weir "$weir"
}

rules_written_twice_are_in_force_once() {
  in_namespace '
    "$1" intercept &&
    once=$(nft list ruleset) && "$1" intercept && [ "$once" = "$(nft list ruleset)" ]'
}

rules_are_removed_and_others_stay() {
  in_namespace '
    nft add table inet other && "$1" intercept && "$1" intercept --remove &&
    [ "$(nft list tables)" = "table inet other" ] && "$1" intercept --remove'
}

a_dry_run_changes_nothing() {
  in_namespace '"$1" intercept --dry-run | grep -q "redirect to :15001" && [ -z "$(nft list ruleset)" ]'
}

rules_can_be_written_from_outside_of_the_namespace() {
  in_namespace 'sleep 60 & namespace=$!
    unshare -n sleep 60 & other=$!
    until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.05; done
    "$1" intercept --netns $other && nsenter --net=/proc/$other/ns/net nft list table inet weir >/dev/null
    status=$?
    [ -z "$(nft list ruleset)" ] || status=1
    kill $namespace $other
    exit $status'
}

# Of the CNI plugin.
cni() {
  local flags=-Urn said
  [ "$(id -u)" != 0 ] || flags=-n
  said=$(unshare $flags "$home/scripts/test/cni.sh" "$1" 2>&1) || { echo "$said"; return 1; }
}

a_pod_is_redirected_by_the_cni_plugin_as_its_annotation_says() {
  cni rules
}

a_pods_sidecar_waits_until_it_is_redirected_to() {
  cni sidecar
}

http_goes_on_to_its_original_destination_over_one_connection() {
  local flags=-Urn
  [ "$(id -u)" != 0 ] || flags=-n
  equal "$(printf '200 weir True\n%.0s' 1 2 3)
cluster.original.upstream_cx_total: 1" "$(unshare $flags "$home/scripts/test/original-destination.sh" "$weir" "$python")"
}

# --- run

two_members_of_a_service_are_two_endpoints() {
  start inventory-1.out inventory "$python" "$home/scripts/test/app.py"
  first=$pid
  expect inventory-1.out "serving" || return 1
  start inventory-2.out inventory "$python" "$home/scripts/test/app.py" --loopback
  second=$pid
  expect inventory-2.out "serving" || return 1
  start two.out frontend "$python" "$home/scripts/test/caller.py" both:http://inventory:8080/
  ended $pid
  equal 2 "$(sed -n 's/^answer [^ ]* \([0-9]*\)$/\1/p' "$work/two.out" | sort -u | wc -l)"
}

a_member_reaches_another_by_each_of_its_names() {
  start names.out frontend "$python" "$home/scripts/test/caller.py" http://inventory:8080/ \
    http://inventory.shop:8080/ http://inventory.shop.svc:8080/ http://inventory.shop.svc.cluster.local:8080/
  ended $pid
  equal "0 4" "$status $(grep -c '^answer [^ ]* [0-9]*$' "$work/names.out")"
}

# Its address behind those that the call had before; its own number for the call.
an_app_is_told_who_calls_and_by_which_request() {
  start caller.out frontend bash -c 'hostname -i 2>/dev/null || getent hosts "$(hostname)" | cut -d " " -f 1
    curl -s -H "x-request-id: my-id-123" -H "x-forwarded-for: 192.0.2.9" -w "\n" http://inventory:8080/caller'
  ended $pid
  local own
  own=$(without_sidecar caller.out | head -n 1)
  equal "my-id-123 192.0.2.9,${own%% *}" "$(without_sidecar caller.out | tail -n 1)"
}

tcp_to_what_is_no_service_passes_through() {
  start tcp.out frontend "$python" "$home/scripts/test/caller.py" tcp:10.88.0.2:9999
  ended $pid
  equal "answer tcp:10.88.0.2:9999 hello echo" "$(grep answer "$work/tcp.out")"
}

a_member_reaches_its_own_service() {
  local instance
  kill -TERM -- "-$second"
  ended "$second"
  equal 143 $status || return 1
  start own.out inventory bash -c '"$0" "$1" --loopback & "$0" "$2" $(yes http://inventory:8080/ | head -n 40)' \
    "$python" "$home/scripts/test/app.py" "$home/scripts/test/caller.py"
  ended $pid
  for instance in $(sed -n 's/^answer [^ ]* \(.*\)$/\1/p' "$work/own.out" | tr ' ' - | sort -u); do
    [[ $instance =~ ^[0-9]+$ ]] || equal "an instance" "$instance" || return 1
  done
  equal "0 40" "$status $(grep -c answer "$work/own.out")"
}

the_apps_status_is_runs_status() {
  start status.out frontend bash -c 'echo the last line; exit 7'
  ended $pid
  equal "7 the last line" "$status $(without_sidecar status.out)"
}

# The bytes as they are, and nothing with them; when nobody reads any more the app learns it.
a_pipe_carries_the_apps_own_bytes() {
  local statuses
  member frontend bash -c 'printf "a\0b\377"; echo c >&2' 2>"$work/pipe.out" | od -An -c | tr -d ' ' >"$work/pipe.bytes"
  equal 'a\0b377' "$(cat "$work/pipe.bytes")" || return 1
  equal c "$(without_sidecar pipe.out)" || return 1
  member frontend yes 2>"$work/pipe.out" | head -n 1 >"$work/pipe.bytes"
  statuses=${PIPESTATUS[*]}
  equal "141 0 y" "$statuses $(cat "$work/pipe.bytes")" || return 1
  equal "" "$(without_sidecar pipe.out)"
}

a_signal_that_ended_the_app_is_named() {
  start named.out frontend bash -c 'kill -SEGV $$'
  ended $pid
  equal "139 weir run: frontend-1: the app was ended by SIGSEGV" "$status $(without_sidecar named.out)"
}

variables_come_from_files_and_words_and_the_host_has_the_instances_name() {
  printf 'A=1\nB="${A} 2"\n' >"$work/app.env"
  local options=(--env-file "$work/app.env" -e C=3)
  start variables.out frontend bash -c 'echo "$A $B $C"; hostname; getent hosts "$(hostname)"'
  ended $pid
  equal "0 1 1 2 3 frontend-1 10.88." "$status $(tr '\n' ' ' <"$work/variables.out" | grep -o '^1 1 2 3 frontend-1 10\.88\.')"
}

# Each time it finds what it left the time before.
an_app_that_fails_is_started_again() {
  local options=(--restart on-failure)
  start again.out frontend bash -c 'echo x >>"$0"; [ "$(wc -l <"$0")" = 3 ] || exit 9; echo well' \
    "$TMPDIR/again.$who"
  ended $pid
  rm -f "$TMPDIR/again.$who"
  equal "0 weir run: frontend-1: the app ended with status 9; it is started again in 0.2 s (1)
weir run: frontend-1: the app ended with status 9; it is started again in 0.4 s (2)
well" "$status $(without_sidecar again.out)"
}

an_app_that_does_not_end_is_killed() {
  local options=(--stop-grace 300ms)
  start unwilling.out frontend "$python" "$home/scripts/test/stubborn.py"
  expect unwilling.out "^up" || return 1
  kill -INT -- "-$pid"
  ended $pid
  equal "130 weir run: frontend-1: the app did not end within 0.3 s of SIGINT; it is killed" \
    "$status $(grep ^weir "$work/unwilling.out")"
}

# From this network, which is not the mesh's.
a_published_port_is_reached_from_outside_of_the_mesh() {
  local port options first
  port=$("$python" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
  options=(--publish "$port:8080")
  start published.out inventory "$python" "$home/scripts/test/app.py" --loopback
  first=$pid
  expect published.out "^serving" || return 1
  "$python" "$home/scripts/test/caller.py" "http://127.0.0.1:$port/" >"$work/outside.out"
  grep -qx "answer http://127.0.0.1:$port/ [0-9]*" "$work/outside.out" || { cat "$work/outside.out"; return 1; }
  start taken.out inventory true
  ended $pid
  equal "1 weir run: --publish 127.0.0.1:$port:8080 cannot be listened at: Address already in use; choose another port" \
    "$status $(without_sidecar taken.out | sed 's/, as .*//')" || return 1
  kill -INT -- "-$first"
  ended "$first"
  equal 130 $status
}

# A network of its own is the outer one; what its loopback has is not the member's. The mesh is one of
# its own too: the way out is that of who came first.
# Of a connection that the sidecar takes and resets curl says what it sees first: that it was reset (56), that it was
# closed (52), or, where the reset is there before it looks, that there was no connection (7).
a_member_reaches_other_networks_by_its_sidecar() {
  local flags=-Urnm shop=$work/outside-shop.$who
  cp -r "$home/examples/shop" "$shop"
  [ "$(id -u)" != 0 ] || flags=-nm
  # shellcheck disable=SC2016 # for the member's shell
  unshare $flags "$home/scripts/test/outside.sh" "$home" "$python" "$work" ${as[@]+"${as[@]}"} \
    "$weir" run --config "$shop" --service frontend -- bash -c '
      for url in http://192.0.2.1:8080/ http://db.test:8080/ http://127.0.0.1:8080/ http://192.0.2.1:8081/ http://none.test/; do
        curl -s -o "$0" --max-time 20 "$url"
        echo "$url $?"
      done
      curl -s http://127.0.0.1:15000/stats | grep "^cluster.passthrough.upstream_cx_total"' /dev/null >"$work/outside.out" 2>&1
  grep -v '^\[' "$work/outside.out" | sed '/8081/s/ \(7\|52\)$/ 56/' >"$work/outside.own"
  equal "http://192.0.2.1:8080/ 0
http://db.test:8080/ 0
http://127.0.0.1:8080/ 7
http://192.0.2.1:8081/ 56
http://none.test/ 6
cluster.passthrough.upstream_cx_total: 2" "$(cat "$work/outside.own")" || return 1
  equal 1 "$(grep -c '192.0.2.1:8081, outside of the mesh, cannot be reached: connection_refused' "$work/outside.out")"
}

an_isolated_member_reaches_the_mesh_alone() {
  local flags=-Urnm shop=$work/isolated-shop.$who
  cp -r "$home/examples/shop" "$shop"
  [ "$(id -u)" != 0 ] || flags=-nm
  # shellcheck disable=SC2016 # for the member's shell
  unshare $flags "$home/scripts/test/outside.sh" "$home" "$python" "$work" ${as[@]+"${as[@]}"} \
    "$weir" run --isolated --config "$shop" --service frontend -- bash -c '
      curl -s --max-time 20 http://192.0.2.1:8080/; echo "address $?"
      curl -s --max-time 20 http://db.test:8080/; echo "name $?"' >"$work/isolated.out" 2>&1
  equal "address 56 name 6" "$(without_sidecar isolated.out | sed 's/ \(7\|52\)$/ 56/' | tr '\n' ' ' | sed 's/ $//')" || return 1
  equal 1 "$(grep -c '192.0.2.1:8080, outside of the mesh; this member is isolated' "$work/isolated.out")"
}

# By its name in the mesh, with its policies; the mesh's word that nothing else is reached does not hold for it.
a_service_outside_of_the_mesh_is_called_as_one_of_it() {
  local shop=$work/external.$who flags=-Urnm
  [ "$(id -u)" != 0 ] || flags=-nm
  cp -r "$home/examples/shop" "$shop"
  cat >"$shop/outside.yaml" <<'YAML'
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {type: ExternalName, externalName: db.test, ports: [{name: http, port: 80, targetPort: 8080}, {name: tcp, port: 9999}]}
---
apiVersion: weir.dev/v1alpha1
kind: MeshConfig
metadata: {name: default, namespace: weir-system}
spec: {outbound: Registered}
YAML
  # shellcheck disable=SC2016 # for the member's shell
  unshare $flags "$home/scripts/test/outside.sh" "$home" "$python" "$work" ${as[@]+"${as[@]}"} \
    "$weir" run --config "$shop" --service frontend -- bash -c '
      curl -s --max-time 20 -w " %{exitcode}\n" http://db/host # in one write: others write there too
      "$0" "$1" tcp:db:9999
      curl -s -o /dev/null --max-time 20 http://192.0.2.1:8080/; echo "closed $?"
      curl -s http://127.0.0.1:15000/stats | grep "^cluster.outbound|80|shop/db.upstream_rq_total"' \
    "$python" "$home/scripts/test/caller.py" >"$work/external.out" 2>&1
  equal "db.test:8080 0
answer tcp:db:9999 hello echo
closed 56
cluster.outbound|80|shop/db.upstream_rq_total: 1" "$(without_sidecar external.out | sed 's/ \(7\|52\)$/ 56/')" || return 1
  start external.out db true
  ended $pid
  equal "1 weir run: shop/db is of type ExternalName: it leads to db.test, and has no instances in the mesh" \
    "$status $(without_sidecar external.out)"
}

# The mesh's own word: what is no service of it is nowhere, and where that is said is not asked of anybody.
a_mesh_of_registered_services_alone_closes_the_way_out() {
  local shop=$work/registered.$who flags=-Urnm
  [ "$(id -u)" != 0 ] || flags=-nm
  cp -r "$home/examples/shop" "$shop"
  printf 'apiVersion: weir.dev/v1alpha1\nkind: MeshConfig\nmetadata: {name: default, namespace: weir-system}\nspec: {outbound: Registered}\n' >"$shop/mesh.yaml"
  # shellcheck disable=SC2016 # for the member's shell
  unshare $flags "$home/scripts/test/outside.sh" "$home" "$python" "$work" ${as[@]+"${as[@]}"} \
    "$weir" run --config "$shop" --service frontend -- bash -c '
      curl -s --max-time 20 http://db.test:8080/; echo "closed $?"
      curl -s http://127.0.0.1:15000/stats | grep "no_filter_chain_match: [1-9]"' >"$work/registered.out" 2>&1
  without_sidecar registered.out | has '^closed \(7\|52\|56\)$' && grep -q no_filter_chain_match "$work/registered.out" \
    && grep -q 'refused: no chain takes this address and port: no service of the mesh has them' "$work/registered.out" \
    || { cat "$work/registered.out"; return 1; }
}

# Job control, sizes, a prompt without echo; and all is as before when it ends.
a_terminal_is_passed_through() {
  on_terminal '<ready> ' '>stty size\n' '<33 99' '=40x100' '>until stty size | grep 40.100; do sleep 0.1; done\n' '<40 100' \
    '>sh -c "echo $((5 * 5)); exec sleep 77"\n' '<25' '>\x03' '<ready> ' '>echo $((40 + 2)); exit 5\n' '<42' -- env PS1="ready> " bash --norc -i || status=$?
  equal 5 $status || return 1
  on_terminal '<word: ' '>secret\n' '<six letters' -- "$python" -c \
    'import getpass; print("six letters" if getpass.getpass("word: ") == "secret" else "others")' || return 1
}

an_interrupt_on_a_terminal_is_the_apps() {
  on_terminal '<up' '>\x03' '<interrupted' '>\x1c' '<core' -- bash -c '"$0" "$1"; echo "core $?"' \
    "$python" "$home/scripts/test/stubborn.py" || return 1
}

what_the_app_leaves_behind_is_ended() {
  start left.out frontend bash -c 'setsid sleep 4711 & echo "left $!"; kill -9 $$'
  ended $pid
  equal 137 $status || return 1
  gone "$(sed -n 's/^left //p' "$work/left.out")"
}

# Within five seconds: whose child it was may take a moment to notice.
gone() {
  local tries=0
  while kill -0 "$1" 2>/dev/null && [ $tries -lt 50 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  ! kill -0 "$1" 2>/dev/null || { ps -o pid,stat,args -p "$1"; return 1; }
}

an_interrupt_reaches_the_app_once_and_the_last_one_out_takes_the_mesh_away() {
  kill -INT -- "-$first"
  ended "$first"
  equal "130 1" "$status $(grep -c 'got SIGINT' "$work/inventory-1.out")" || return 1
  nothing_is_left
}

# Starts a member whose app says "up", and ends it with the signal $1 as soon as the mesh has a file
# that matches $2, or as soon as the log has a line with $3.
interrupt_when() {
  local signal=$1 file=$2 line=${3:-} tries=0
  start interrupted.out frontend bash -c 'echo up; exec sleep 60'
  until compgen -G "$(runtime)/*/$file" >/dev/null && grep -q -- "$line" "$work/interrupted.out"; do
    tries=$((tries + 1))
    [ $tries -lt 3000 ] && kill -0 "$pid" || { echo "no $file in the mesh, or no line \"$line\""; return 1; }
    sleep 0.02
  done
  kill "-$signal" -- "-$pid"
  ended $pid
  equal "$file $line $((128 + $(kill -l "$signal")))" "$file $line $status"
}

# Each start is also the one right after an interrupt.
an_interrupt_at_any_moment_is_130_and_harms_no_later_run() {
  local mark
  for mark in holder.log control-plane.pid ready "members/*/hosts" "members/*/bootstrap.yaml" last-good; do
    interrupt_when INT "$mark" || return 1
    equal "$mark " "$mark $(grep '^weir run' "$work/interrupted.out")" || return 1
  done
  for mark in "members/*/bootstrap.yaml" last-good; do # its sidecar starts
    interrupt_when TERM "$mark" || return 1
    equal "$mark " "$mark $(grep '^weir run' "$work/interrupted.out")" || return 1
  done
  interrupt_when TERM ready "^up" || return 1
  start after.out frontend bash -c 'echo well; exit 7'
  ended $pid
  equal "7 well" "$status $(without_sidecar after.out)" || return 1
  nothing_is_left
}

told_twice_the_app_is_not_asked_any_more() {
  start stubborn.out frontend "$python" "$home/scripts/test/stubborn.py"
  expect stubborn.out "^up" || return 1
  kill -INT -- "-$pid"
  expect stubborn.out "^interrupted" || return 1
  kill -INT -- "-$pid"
  ended $pid
  equal 130 $status || return 1
  nothing_is_left
}

# The runtime folder of who runs the members.
runtime() {
  echo "$work/run.$who/weir-$(${as[@]+"${as[@]}"} id -u)"
}

# Within twenty seconds: who is killed at once leaves it to the holder, and a process that was told to
# end may take a moment.
nothing_is_left() {
  local runtime tries=0
  runtime=$(runtime)
  while [ $tries -lt 200 ] && { [ -e "$runtime" ] || pgrep -f -- "$runtime/" >/dev/null; }; do
    tries=$((tries + 1))
    sleep 0.1
  done
  equal "" "$(find "$runtime" 2>/dev/null)" || return 1
  equal "" "$(pgrep -af -- "$runtime/")" || return 1
  [ "$who" = nobody ] || equal "$links" "$(ip -o link | wc -l)" # the machine's, which nobody makes none of
}

what_a_crashed_holder_left_is_cleaned() {
  start crash.out inventory "$python" "$home/scripts/test/app.py"
  expect crash.out "serving" || return 1
  local member=$pid mesh
  mesh=$(echo "$(runtime)"/*)
  kill -9 "$(cat "$mesh/holder.pid")" "$member"
  wait "$member"
  # One of another folder is cleaned too, one that is in use is not.
  cp -r "$mesh" "${mesh}0"
  start after.out inventory bash -c 'echo well'
  ended $pid
  equal "0 well" "$status $(without_sidecar after.out)" || return 1
  nothing_is_left
}

a_member_whose_mesh_is_ended_by_hand_says_so_and_ends() {
  local signal
  for signal in TERM KILL; do
    start orphan.out inventory "$python" "$home/scripts/test/app.py"
    expect orphan.out "serving" || return 1
    kill -$signal "$(cat "$(runtime)"/*/holder.pid)"
    ended $pid
    equal "$signal 1 weir run: inventory-1: its mesh ended; the app is stopped" \
      "$signal $status $(grep '^weir' "$work/orphan.out")" || return 1
    nothing_is_left || return 1
  done
}

another_control_plane_can_be_joined() {
  local other
  cp -r "$shop" "$work/other"
  sed 's/{name: payments,/{name: only-there,/; s/name: payments/name: only-there/' "$shop/payments.yaml" >"$work/other/there.yaml"
  start other.out inventory "$weir" control-plane --config "$work/other" --listen 0.0.0.0:15010 --insecure --admin 0.0.0.0:15014 --state none
  other=$pid
  expect other.out "ADS on" || return 1
  control_plane=10.88.0.2:15010 start joined.out only-there "$python" -c 'print("joined")'
  ended $pid
  kill -TERM -- "-$other"
  equal "0 joined" "$status $(without_sidecar joined.out)" || return 1
  ended "$other"
  nothing_is_left
}

# By TLS, at an address of the outer network; its services are told by the way of configuration.
another_control_plane_that_tells_who_is_who_can_be_joined_by_a_token() {
  local shop=$work/joined-shop flags=-Urnm
  [ "$(id -u)" != 0 ] || flags=-nm
  cp -r "$home/examples/shop" "$shop"
  mkdir "$work/joined"
  sed -i 's/accessLog: .*/accessLog: {format: JSON}/' "$shop/telemetry.yaml"
  cat >"$shop/strict.yaml" <<'YAML'
apiVersion: weir.dev/v1alpha1
kind: AuthenticationPolicy
metadata: {name: shop, namespace: shop}
spec:
  targetRefs: [{group: "", kind: Namespace, name: shop}]
  mtls: {mode: Strict}
YAML
  unshare $flags "$home/scripts/test/joined.sh" "$weir" "$python" "$shop" "$work/joined" >"$work/joined.out" 2>&1
  equal '200
"peer_identity":"spiffe://mesh.test/ns/shop/sa/frontend"
2 weir run: --service: the token is for shop/frontend, and not for shop/inventory; see weir run --help
1 weir run: frontend-1: its sidecar does not get ready: no certificate yet: the CA at cluster ca: the token is signed with no key that is known here
1 weir run: frontend-1: its sidecar does not get ready: no certificate yet: the CA at cluster ca: TLS
1 weir run: frontend-1: its sidecar does not get ready: no certificate yet: the CA at cluster ca: TLS' \
    "$(sed 's/cluster ca: TLS_error: .*/cluster ca: TLS/' "$work/joined.out")" || return 1
  nothing_is_left
}

what_the_control_plane_says_reaches_the_members() {
  local shop=$work/edited first
  cp -r "$home/examples/shop" "$shop"
  start first.out inventory "$python" "$home/scripts/test/app.py"
  first=$pid
  expect first.out "serving" || return 1
  sed -i 's/openFor: 5s/openFor: 5 s/' "$shop/inventory.yaml"
  expect first.out '^\[control plane\] .*/inventory.yaml:[0-9]*: .*openFor: "5 s" is not a duration' || return 1
  expect first.out '^\[control plane\] what is right is in force; the above is not' || return 1
  # Who comes now is told of what is wrong, once, and not of what was.
  start second.out frontend true
  ended $pid
  equal "0 2" "$status $(grep -c '^\[control plane\]' "$work/second.out")" || return 1
  sed -i 's/openFor: 5 s/openFor: 5s/' "$shop/inventory.yaml"
  expect first.out '^\[control plane\] all of the folder is in force' || return 1
  start third.out frontend true
  ended $pid
  equal "0 0" "$status $(grep -c '^\[control plane\]' "$work/third.out")" || return 1
  kill -9 "$(cat "$(runtime)"/*/control-plane.pid)"
  expect first.out '^\[control plane\] ended; it is started again' || return 1
  kill -INT -- "-$first"
  ended "$first"
  equal 130 $status || return 1
  nothing_is_left
}

a_folder_without_a_service_is_told_before_the_service_is_missed() {
  local shop=$work/empty
  mkdir "$shop"
  start empty.out cart true
  ended $pid
  equal "1 [control plane] $shop: there is no resource in it that a mesh reads; they are read from files that end in .yaml, .yml or .json, here and in the folders below
[control plane] nothing is in force
weir run: there is no service cart; there are: none yet" "$status $(cat "$work/empty.out")" || return 1
  nothing_is_left
}

# A service that comes while a member runs is found, a port that a service has not is refused at once and said.
services_that_come_later_resolve_and_ports_that_are_not_there_are_said() {
  local shop=$work/later.$who
  cp -r "$home/examples/shop" "$shop"
  start later.out frontend bash -c 'echo up; until getent hosts cart; do sleep 0.2; done
    (exec 3<>/dev/tcp/inventory/8081) 2>&1; (exec 3<>/dev/tcp/inventory/8081) 2>/dev/null; sleep 3'
  expect later.out "^up" || return 1
  sed 's/name: inventory/name: cart/g' "$shop/inventory.yaml" | sed '/^---/q' >"$shop/cart.yaml"
  expect later.out "Connection refused" || return 1
  ended $pid
  equal "0 1 weir run: frontend-1: shop/inventory has no port 8081; it has 8080: the call is refused" \
    "$status $(grep -c 'has no port' "$work/later.out") $(grep 'has no port' "$work/later.out")"
}

# As the name of a headless service leads to it in a cluster: with the caller's certificate, to that one and no other.
an_instance_that_is_called_by_its_address_is_of_the_mesh() {
  local shop=$work/headless.$who one two first second
  cp -r "$home/examples/shop" "$shop"
  cat >"$shop/db.yaml" <<'YAML'
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {clusterIP: None, ports: [{name: http, port: 80, targetPort: 8080}, {name: tcp-raw, port: 99, targetPort: 9999}]}
---
apiVersion: weir.dev/v1alpha1
kind: AuthenticationPolicy
metadata: {name: shop, namespace: shop}
spec:
  targetRefs: [{group: "", kind: Namespace, name: shop}]
  mtls: {mode: Strict}
YAML
  start headless-1.out db "$python" "$home/scripts/test/app.py"
  first=$pid
  start headless-2.out db "$python" "$home/scripts/test/app.py"
  second=$pid
  expect headless-1.out "^serving" && expect headless-2.out "^serving" || return 1
  read -r one two < <(as_who status "$shop" | awk '$2 == "shop/db" { print $3 }' | paste -sd ' ')
  start headless.out frontend bash -c '
    for at in "$0" "$0" "$0" "$1" "$1"; do curl -sS --max-time 10 -w "\n" "http://$at:8080/"; done
    exec 3<>"/dev/tcp/$0/9999"; read -r line <&3; echo "$line"
    curl -s http://127.0.0.1:15000/stats | grep -E "shop.db.(upstream_rq_total|upstream_cx_total|ssl.handshake)"' "$one" "$two"
  ended $pid
  equal "3 2 hello" "$(sed -n '/^[0-9]*$/p' "$work/headless.out" | uniq -c | awk '{ print $1 }' | paste -sd ' ') $(grep -x hello "$work/headless.out")" \
    || { cat "$work/headless.out"; return 1; }
  grep -q '^cluster.outbound|80|shop/db.upstream_rq_total: 5$' "$work/headless.out" || { cat "$work/headless.out"; return 1; }
  kill -TERM -- "-$first" "-$second"
  ended "$first" && ended "$second"
}

# The sidecar is not told of it before: it asks, and then has its chain and its policies.
a_service_of_another_namespace_is_reached_from_the_first_call_on() {
  local shop=$work/elsewhere.$who
  cp -r "$home/examples/shop" "$shop"
  sed '/^---/q; s/name: inventory/name: api/; s/namespace: shop/namespace: pay/' "$shop/inventory.yaml" \
    >"$shop/pay.yaml"
  start api.out pay/api "$python" "$home/scripts/test/app.py"
  local api=$pid
  expect api.out "serving" || return 1
  start elsewhere.out frontend bash -c '
    curl -s http://127.0.0.1:15000/clusters | grep -c "pay/api" | sed "s/^/before /"
    curl -sS --max-time 10 http://api.pay:8080/ | grep -c . | sed "s/^/answered /"
    curl -s http://127.0.0.1:15000/stats | grep "pay.api.upstream_rq_total"'
  ended $pid
  equal "before 0 answered 1 cluster.outbound|8080|pay/api.upstream_rq_total: 1 0" \
    "$(grep '^before' "$work/elsewhere.out") $(grep '^answered' "$work/elsewhere.out") $(grep '^cluster' "$work/elsewhere.out") $status" &&
    kill -TERM -- "-$api" && ended "$api"
}

# Nobody says what is spoken: it is the service's all the same, and not on its way to elsewhere.
what_is_not_http_reaches_a_port_that_says_nothing() {
  local shop=$work/undeclared.$who
  cp -r "$home/examples/shop" "$shop"
  printf 'apiVersion: v1\nkind: Service\nmetadata: {name: raw, namespace: shop}\nspec: {ports: [{port: 9999}]}\n' \
    >"$shop/raw.yaml"
  start raw.out raw "$python" "$home/scripts/test/app.py"
  local raw=$pid
  expect raw.out "serving" || return 1
  start undeclared.out frontend bash -c '"$0" "$1" tcp:raw:9999
    curl -s http://127.0.0.1:15000/stats | grep "raw.*upstream_cx_total: [1-9]"' \
    "$python" "$home/scripts/test/caller.py"
  ended $pid
  equal "answer tcp:raw:9999 hello echo cluster.outbound|9999|shop/raw|tcp.upstream_cx_total: 1" \
    "$(grep '^answer' "$work/undeclared.out") $(grep '^cluster' "$work/undeclared.out")" &&
    kill -TERM -- "-$raw" && ended "$raw"
}

# A TLSRoute, and a TCPRoute; TLS with another name has no route, and is closed.
connections_go_by_the_name_that_tls_asks_for() {
  local shop=$work/streams.$who db
  cp -r "$home/examples/shop" "$shop"
  for db in db db-v2; do
    cat <<YAML
apiVersion: v1
kind: Service
metadata: {name: $db, namespace: shop}
spec: {ports: [{name: tls, port: 6432}, {name: tcp, port: 9999}]}
---
YAML
  done >"$shop/db.yaml"
  cat >>"$shop/db.yaml" <<'YAML'
apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
metadata: {name: db, namespace: shop}
spec:
  parentRefs: [{group: "", kind: Service, name: db, sectionName: tls}]
  hostnames: ["*.example.com"]
  rules: [{backendRefs: [{name: db-v2, port: 6432}]}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: TCPRoute
metadata: {name: db, namespace: shop}
spec:
  parentRefs: [{group: "", kind: Service, name: db, sectionName: tcp}]
  rules: [{backendRefs: [{name: db-v2, port: 9999}, {name: db, port: 9999, weight: 0}]}]
YAML
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=db -keyout "$shop/db.pem" \
    -out "$shop/db.crt" 2>/dev/null && cat "$shop/db.crt" >>"$shop/db.pem" && chmod 644 "$shop/db.pem" || return 1
  start one.out db "$python" "$home/scripts/test/tls.py" serve one "$shop/db.pem"
  local one=$pid
  start two.out db-v2 "$python" "$home/scripts/test/tls.py" serve two "$shop/db.pem"
  local two=$pid
  expect one.out "serving" && expect two.out "serving" || return 1
  start streams.out frontend bash -c '"$0" "$1" ask db:6432 a.example.com; "$0" "$1" ask db:9999
    "$0" "$1" ask db-v2:6432 other.test; "$0" "$1" once db:6432 other.test' "$python" "$home/scripts/test/tls.py"
  ended $pid
  equal "db:6432 a.example.com two
db:9999 plain two
db-v2:6432 other.test two
db:6432 other.test closed" "$(without_sidecar streams.out)" \
    && kill -TERM -- "-$one" "-$two" && ended "$one" && ended "$two"
}

# A route in another namespace than its Service's is for who calls from there, and for nobody else.
a_route_of_the_callers_namespace_is_for_its_calls_alone() {
  local shop=$work/consumer.$who
  cp -r "$home/examples/shop" "$shop"
  sed '/^---/q; s/name: inventory/name: web/; s/namespace: shop/namespace: pay/' "$shop/inventory.yaml" \
    >"$shop/pay.yaml"
  cat >>"$shop/pay.yaml" <<'YAML'
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: stock, namespace: pay}
spec:
  parentRefs: [{group: "", kind: Service, name: inventory, namespace: shop}]
  rules:
  - filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: x-by, value: pay}]}}]
    backendRefs: [{name: inventory, namespace: shop, port: 8080}]
YAML
  start inventory.out inventory "$python" "$home/scripts/test/app.py"
  local inventory=$pid
  expect inventory.out "serving" || return 1
  start theirs.out pay/web curl -s --max-time 10 --retry 5 --retry-all-errors -f -o /dev/null \
    -w '%{http_code} %header{x-by}\n' http://inventory.shop:8080/
  ended $pid
  start ours.out frontend curl -s --max-time 10 --retry 5 --retry-all-errors -f -o /dev/null \
    -w '%{http_code} %header{x-by}\n' http://inventory:8080/
  ended $pid
  equal "200 pay 200 " "$(grep '^[0-9]' "$work/theirs.out") $(grep '^[0-9]' "$work/ours.out")" \
    && kill -TERM -- "-$inventory" && ended "$inventory"
}

# On the IPv6 loopback, on its own address, at another port.
an_app_that_listens_elsewhere_is_found_or_named() {
  local address first
  for address in ::1 :: own; do
    start elsewhere.out inventory "$python" "$home/scripts/test/elsewhere.py" $address 8080
    first=$pid
    expect elsewhere.out "^serving" || return 1
    start asks.out frontend "$python" "$home/scripts/test/caller.py" http://inventory:8080/
    ended $pid
    equal "$address answer http://inventory:8080/ found" "$address $(grep answer "$work/asks.out")" || return 1
    kill -INT -- "-$first"
    ended $first
  done
  start elsewhere.out inventory "$python" "$home/scripts/test/elsewhere.py" 0.0.0.0 8123
  first=$pid
  expect elsewhere.out "nothing accepts on 127.0.0.1:8080 for 10 s, .*; the app listens on 0.0.0.0:8123$" || return 1
  kill -INT -- "-$first"
  ended $first
}

# --- up

# A folder with a weir.yaml of two services; the second one says once that the first one answers.
up_folder() {
  local folder=$work/up.$who
  mkdir -p "$folder"
  cp "$home/examples/shop/"{frontend,inventory,payments}.yaml "$folder" 2>/dev/null || cp "$home"/examples/shop/*.yaml "$folder"
  cat >"$folder/weir.yaml" <<YAML
services:
  frontend:
    command: [bash, -c, '"$python" "\$\$1" http://inventory:8080/; exec "$python" "\$\$2"', "", "$home/scripts/test/caller.py", "$home/scripts/test/app.py"]
    depends_on: [inventory]
  inventory:
    command: "$python '$home/scripts/test/app.py' --loopback"
    working_dir: data
    environment: {STOCK: a lot}
    deploy: {replicas: 2}
    stop_grace_period: 3s
YAML
  mkdir -p "$folder/data"
  echo "$folder"
}

start_up() {
  : >"$work/up.out"
  ${as[@]+"${as[@]}"} setsid env --default-signal=INT "$weir" up "$@" >"$work/up.out" 2>&1 </dev/null &
  pid=$!
  started+=("$pid")
}

a_folder_of_services_comes_up_in_order_and_goes_down_in_reverse() {
  local folder up
  folder=$(up_folder)
  start_up "$folder"
  up=$pid
  expect up.out "^frontend-1  | answer http://inventory:8080/ [0-9]" || return 1
  expect up.out "^frontend-1  | serving" || return 1
  equal 2 "$(grep -c '^inventory-[12] | serving' "$work/up.out")" || return 1
  kill -INT -- "-$up"
  ended "$up"
  # The two together, after the one that depends on them.
  equal "130 frontend-1 inventory-1 inventory-2" \
    "$status $(sed -n 's/ *| got SIGTERM//p' "$work/up.out" | { read -r first; echo "$first"; sort; } | paste -sd ' ')" || return 1
  nothing_is_left
}

services_that_are_up_are_seen_restarted_entered_and_ended_from_outside() {
  local folder first calls mesh until=$((SECONDS + 240))
  folder=$(up_folder)
  equal "weir up: all are ready; ./weir down ends them" "$(as_who up -d "$folder" </dev/null 2>&1 | tail -n 1)" || return 1
  equal "frontend-1 ready inventory-1 ready inventory-2 ready" \
    "$(as_who ps "$folder" | awk 'NR > 1 { print $1, $3 }' | sort | tr '\n' ' ' | sed 's/ $//')" || return 1
  as_who status "$folder" | has '^inventory-2 *shop/inventory *10\.88\.[0-9.]* *8080 *live *in sync$' || { as_who status "$folder"; return 1; }
  as_who config --config "$folder" inventory-1 listeners | has 'name: inbound' || return 1
  as_who config --config "$folder" frontend endpoints | has inventory || return 1
  equal "frontend-1 answer" \
    "$(as_who exec --config "$folder" frontend -- bash -c 'hostname; "$0" "$@"' "$python" "$home/scripts/test/caller.py" \
      http://inventory:8080/ | cut -d ' ' -f 1 | tr '\n' ' ' | sed 's/ $//')" || return 1
  equal "$folder/data a lot of it, 2" "$(as_who exec --config "$folder" -e "MORE=of it" --env=EVEN=2 inventory-2 -- \
    bash -c 'echo "$PWD $STOCK $MORE, $EVEN"')" || return 1
  equal "/ a lot" "$(as_who exec --config "$folder" -w / inventory -- bash -c 'echo "$PWD $STOCK"')" || return 1
  mesh=$(echo "$(runtime)"/*)
  touch "$mesh/control-plane.hold"
  kill -KILL "$(cat "$mesh/control-plane.pid")"
  equal 3 "$(as_who ps "$folder" | grep -c 'ready when last asked: the control plane does not answer')" || { as_who ps "$folder"; return 1; }
  { as_who status "$folder" 2>&1 || true; } | has '^inventory-2 *shop/inventory *10\.88\.[0-9.]* *? *live *?$' \
    || { as_who status "$folder"; return 1; }
  rm "$mesh/control-plane.hold"
  until equal 3 "$(as_who ps "$folder" | grep -c ' ready *[0-9]')"; do
    [ $SECONDS -lt $until ] || return 1
    sleep 0.2
  done
  first=$(as_who ps "$folder" | awk '$1 == "inventory-1" { print $4 }')
  # One of its two instances serves at any time.
  as_who exec --config "$folder" frontend -- bash -c 'for _ in {1..100}; do "$@" || echo failed; done' - \
    "$python" "$home/scripts/test/caller.py" http://inventory:8080/ >"$work/calls.out" 2>&1 &
  calls=$!
  as_who restart --config "$folder" inventory || return 1
  wait "$calls" || return 1
  equal 100 "$(grep -c '^answer ' "$work/calls.out")" || { cat "$work/calls.out"; return 1; }
  [ "$first" != "$(as_who ps "$folder" | awk '$1 == "inventory-1" { print $4 }')" ] || return 1
  as_who logs --config "$folder" inventory | has '^inventory-2 | got SIGTERM' || return 1
  equal 0 "$(as_who logs --config "$folder" --since 0s | wc -l)" || return 1
  equal "1 weir: there is no service inventry; did you mean \"inventory\"?; there are: inventory, frontend" \
    "$(as_who logs -f --config "$folder" inventry 2>&1 | sed '1s/^/1 /')" || return 1
  printf 'kind: [\n' >"$folder/broken.yaml"
  until { as_who status "$folder" 2>&1 || true; } | has "^weir status: 1 error in $folder; ./weir check $folder says which"; do
    [ $SECONDS -lt $until ] || { as_who status "$folder"; return 1; }
    sleep 0.2
  done
  ! as_who status "$folder" || return 1
  rm "$folder/broken.yaml"
  as_who down "$folder" || return 1
  nothing_is_left
}

the_live_page_of_a_folder_is_for_who_has_its_address() {
  local folder ui url base jar=$work/cookies
  folder=$(up_folder)
  as_who up -d "$folder" </dev/null || return 1
  : >"$work/ui.out"
  ${as[@]+"${as[@]}"} setsid env --default-signal=INT "$weir" ui --config "$folder" --port 0 >"$work/ui.out" 2>&1 </dev/null &
  ui=$!
  started+=("$ui")
  expect ui.out "^weir ui: the mesh of $folder is at http://127.0.0.1:[0-9]*/ui/?key=" || return 1
  url=$(sed -n 's/.* is at //p' "$work/ui.out")
  base=${url%%/ui/*}
  equal 403 "$(curl -s -o /dev/null -w '%{http_code}' "$base/api/v1/topology")" || return 1
  equal "200 $base/ui/" "$(curl -s -L -c "$jar" -b "$jar" -o /dev/null -w '%{http_code} %{url_effective}' "$url")" || return 1
  curl -s -b "$jar" "$base/api/v1/topology" | has '"name":"shop/inventory","instances":2' || return 1
  curl -s -b "$jar" "$base/api/v1/proxies" | has '"node":"frontend-1"' || return 1
  curl -s -b "$jar" "$base/api/v1/requests" | has '"requests":\[' || return 1
  kill -INT -- "-$ui"
  ended "$ui"
  equal 130 "$status" || return 1
  as_who down "$folder" || return 1
  nothing_is_left
}

# As by a build while a mesh runs: what it needs to end, it has not loaded yet.
a_mesh_ends_though_its_programs_were_built_again() {
  local folder jar status=0
  folder=$(up_folder)
  as_who up -d "$folder" </dev/null || return 1
  for jar in "$home"/*/target/weir-*.jar "$home"/*/target/lib/weir-*.jar; do
    cp -p "$jar" "$work/kept.jar" && : >"$jar" && mv "$work/kept.jar" "$jar.kept" || status=1
  done
  timeout 60 ${as[@]+"${as[@]}"} "$weir" down "$folder" || status=1
  for jar in "$home"/*/target/weir-*.jar.kept "$home"/*/target/lib/weir-*.jar.kept; do
    mv "$jar" "${jar%.kept}"
  done
  [ $status = 0 ] || return 1
  nothing_is_left
}

an_up_that_does_not_answer_is_killed_with_all_of_it() {
  local folder up said status=0
  folder=$(up_folder)
  as_who up -d "$folder" </dev/null || return 1
  up=$(pgrep -f -- "dev.weir.sidecar.up.Main up -d $folder")
  kill -STOP "$up"
  said=$(timeout 90 ${as[@]+"${as[@]}"} "$weir" down "$folder" 2>&1) || status=$?
  kill -CONT "$up" 2>/dev/null # if it is still there, it may end
  equal "1 weir: $(realpath "$folder"): there is no answer for 15 s; all of it is killed" "$status $said" || return 1
  nothing_is_left
}

an_up_in_the_background_says_who_is_not_ready() {
  local folder said
  folder=$(up_folder)
  sed -i 's|command: ".*|command: sleep 1000|' "$folder/weir.yaml"
  said=$(${as[@]+"${as[@]}"} "$weir" up -d --wait-timeout 2s "$folder" 2>&1 </dev/null)
  equal "1 weir up: these are not ready yet: inventory, frontend; see ./weir ps and ./weir logs" \
    "$? $(tail -n 1 <<<"$said")" || return 1
  ${as[@]+"${as[@]}"} "$weir" down "$folder" || return 1
  nothing_is_left
}

# From this network, which has no sidecar; until its calls are in the table, and then no more.
who_strict_would_refuse_is_seen_before_it_does() {
  local shop=$work/moved-shop.$who port options first line until=$((SECONDS + 60))
  cp -r "$home/examples/shop" "$shop"
  port=$("$python" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
  options=(--publish "$port:8080")
  start moved.out inventory "$python" "$home/scripts/test/app.py"
  first=$pid
  expect moved.out "^serving" || return 1
  options=()
  start moved-own.out frontend "$python" "$home/scripts/test/caller.py" http://inventory:8080/
  ended $pid
  equal 0 "$(as_who status "$shop" | grep -c "plain text")" || return 1
  "$python" "$home/scripts/test/caller.py" "http://127.0.0.1:$port/" >"$work/moved-outside.out" || return 1
  line='inventory-1: plain text at port 8080 from 10.88.0.1 (outside of the mesh), 1 connection, the last N s ago: refused under Strict'
  equal "$line" "$(as_who status "$shop" | grep "plain text" | sed 's/last [0-9]* s/last N s/')" || return 1
  cat >"$shop/strict.yaml" <<'YAML'
apiVersion: weir.dev/v1alpha1
kind: AuthenticationPolicy
metadata: {name: shop, namespace: shop}
spec:
  targetRefs: [{group: "", kind: Namespace, name: shop}]
  mtls: {mode: Strict}
YAML
  until grep -q "refused: no chain takes plain text; from 10.88.0.1:" "$work/moved.out"; do
    [ $SECONDS -lt $until ] || { echo "plain text is taken under Strict"; return 1; }
    curl -s -o /dev/null --max-time 5 "http://127.0.0.1:$port/"
    sleep 0.1
  done
  equal 0 "$(as_who status "$shop" | grep -c "plain text")" || return 1
  kill -INT -- "-$first"
  ended "$first"
  equal 130 $status
}

members_of_an_up_that_was_killed_end() {
  local folder up
  folder=$(up_folder)
  start_up "$folder"
  up=$pid
  expect up.out "^frontend-1  | serving" || return 1
  kill -9 "$up"
  ended "$up"
  nothing_is_left
}

an_app_has_the_variables_of_its_user_and_not_the_launchers() {
  env -u WEIR_THEIRS -u MALLOC_ARENA_MAX JAVA_HOME="$JAVA_HOME" ${as[@]+"${as[@]}"} "$weir" run --config "$shop" --service frontend -- \
    bash -c 'echo "${JAVA_HOME-none} ${MALLOC_ARENA_MAX-none} ${WEIR_THEIRS-none}"' >"$work/theirs.out" 2>&1 </dev/null
  equal "${JAVA_HOME} none none" "$(without_sidecar theirs.out)"
}

what_is_wrong_with_the_services_of_a_folder_has_its_place() {
  local folder=$work/wrong
  mkdir "$folder"
  printf 'services:\n  cart:\n    comand: x\n    depends_on: [crt]\n' >"$folder/weir.yaml"
  equal "1 weir up: $folder/weir.yaml:2: services.cart: there is no such service in the folder; there are: none yet
weir up: $folder/weir.yaml:2: services.cart.command: is missing
weir up: $folder/weir.yaml:3: services.cart.comand: is not a key that is known here; did you mean \"command\"?" "$("$weir" up "$folder" 2>&1 | sed '1s/^/1 /')"
}

# --- demo

start_demo() {
  local log=$work/demo.out
  : >"$log"
  ${as[@]+"${as[@]}"} setsid env --default-signal=INT "$weir" demo --fast "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  started+=("$pid")
}

the_demo_holds_then_stays_open_until_an_interrupt_and_leaves_nothing() {
  start_demo --hold --json "$work/figures.json"
  expect demo.out "The shop stays open" 240 || { tail -n 60 "$work/demo.out"; return 1; }
  "$python" -c 'import json, sys; sys.exit(not json.load(open(sys.argv[1]))["held"])' "$work/figures.json" || {
    cat "$work/demo.out"
    return 1
  }
  kill -INT -- "-$pid"
  ended $pid
  equal 0 "$status" || return 1
  # Plain lines: this is no terminal.
  equal 0 "$(grep -c $'\e\|calls/s' "$work/demo.out")" || return 1
  nothing_is_left
}

the_demo_interrupted_in_the_middle_is_130_and_leaves_nothing() {
  start_demo
  expect demo.out "held (" || { tail -n 60 "$work/demo.out"; return 1; }
  kill -INT -- "-$pid"
  ended $pid
  equal 130 "$status" || return 1
  equal "" "$(grep "DID NOT HOLD" "$work/demo.out")" || return 1
  equal "" "$(find "$TMPDIR" -mindepth 1)" || return 1
  nothing_is_left
}

# --- the runtime folder

the_runtime_folder_is_made_while_another_takes_it_away() (
  . "$home/scripts/lib/mesh.sh"
  fail() { echo "$*"; exit 1; }
  mesh_base=$work/base
  (trap 'exit 0' TERM; while :; do rmdir "$mesh_base" 2>/dev/null; done) &
  trap 'kill $!' EXIT
  for _ in {1..300}; do
    mesh_make_base
  done
)

# Each sweeps what the others have made and not yet locked.
members_that_come_at_once_do_not_sweep_each_other_away() (
  . "$home/scripts/lib/mesh.sh"
  fail() { echo "$*"; exit 1; }
  come() (
    set -e
    mesh_make_base
    mesh_sweep_all
    until mesh_try_join; do sleep 0.01; done
    exec 6>&- 9>&-
    mesh_sweep "$mesh"
  )
  mesh_base=$work/swept mesh=$work/swept/mesh
  local members
  for _ in {1..60}; do
    members=()
    for _ in 1 2 3 4; do
      come &
      members+=($!)
    done
    for member in "${members[@]}"; do
      wait "$member" || return 1
    done
  done
  equal "" "$(find "$mesh_base" 2>/dev/null)"
)

# --- what is said

an_unknown_service_is_told_with_those_that_are() {
  start unknown.out cart true
  ended $pid
  equal "1 weir run: there is no service cart; there are: shop/frontend, shop/inventory, shop/payments" \
    "$status $(cat "$work/unknown.out")"
}

# Of the scripts of tests: status and last line.
concluded() {
  local allow_missing=$1 passed=$2 failed=$3 not_run=$4 wanted=("*cart*") status=0 said
  said=$(conclude 2>&1) || status=$?
  echo "$status $(tail -n 1 <<<"$said")"
}

what_could_not_be_run_is_no_success() {
  equal "0 3 passed, 0 failed" "$(concluded "" 3 0 0)" || return 1
  equal "1 3 passed, 1 failed" "$(concluded "" 3 1 0)" || return 1
  equal "1 what was NOT RUN, see above, counts as failed; name the tests to run, or say --allow-missing" \
    "$(concluded "" 3 0 1)" || return 1
  equal "0 3 passed, 0 failed, 1 NOT RUN" "$(concluded yes 3 0 1)" || return 1
  equal "1 3 passed, 1 failed, 1 NOT RUN" "$(concluded yes 3 1 1)" || return 1
  equal "1 no test has a name like: *cart*" "$(concluded "" 0 0 0)"
}

what_a_program_says_of_its_own_mistake_is_a_failure() {
  local log=$work/a.log said="cart-1 | weir sidecar: internal error in a stream: java.lang.Error at a.b"
  echo "cart-1 | weir sidecar: connection to 10.96.0.9:5432 refused" >"$log"
  equal 1 "$(mistakes "$log" >/dev/null; echo $?)" || return 1
  echo "$said" >>"$log"
  equal "$said" "$(mistakes "$log" "$work/none.log")"
}

wrong_usage_is_a_line() {
  local said
  said=$("$weir" run --config "$shop" --service inventory 2>&1)
  equal "2 weir run: no command: weir run ... -- COMMAND [ARGUMENT...]; see weir run --help" "$? $said" || return 1
  said=$("$weir" run --config "$work/none" --service inventory -- true 2>&1)
  equal "2 weir run: Invalid value for option '--config': $work/none is not a folder; see weir run --help" "$? $said"
}

# Wrong usage of any command: status 2, and a line that says where to read on.
wrong_usage_of_any_command_is_2_and_a_line() {
  local said words
  for words in bogus "help bogus" "demo --bogus" "run --bogus" "up --bogus" "up --wait-timeout 2s" "up -d --wait-timeout soon" "exec --bogus" "config a b" "verify --bogus" "sidecar -c" \
    "control-plane --bogus" check "check $work/none" "intercept --bogus" \
    "bench --bogus" "bench --rounds many" "bench --scenarios none" "bench --outages --every -1" \
    "bench --rounds 0" "bench --warm -1" "bench --outages --rate many" "bench --outages more" \
    "bench --certificates --lifetime 1" "bench --certificates --seconds 99" "bench --certificates --seconds 0 --kills 0" \
    "bench --certificates more"; do
    # shellcheck disable=SC2086 # they are words
    said=$("$weir" $words 2>&1)
    equal "$words: 2, 1 line, help" "$words: $?, $(wc -l <<<"$said") line, $(grep -o 'see .*help' <<<"$said" | grep -o help)" \
      || { echo "$said"; return 1; }
  done
}

help_of_a_command_is_its_own() {
  local command
  for command in demo run up ps logs restart exec down status config sidecar control-plane token check intercept verify; do
    equal "$("$weir" $command --help 2>&1)" "$("$weir" help $command 2>&1)" || return 1
    "$weir" help $command | has -i "^usage: .*weir $command " || return 1
  done
  "$weir" --version | has -x 'weir [0-9][^ ]*'
}

# Programs that are found, but for $1.
path_without() {
  local folder=$work/path.$1 program
  mkdir -p "$folder"
  for program in bash env id uname dirname readlink sed find ls cat realpath mkdir sha256sum cut \
    ip nft unshare nsenter setpriv flock; do
    ln -sf "$(command -v $program)" "$folder/$program"
  done
  rm "$folder/$1"
  echo "$folder"
}

a_missing_program_comes_with_the_command_that_installs_it() {
  local said
  said=$("${as[@]}" env JAVA_HOME="$JAVA_HOME" PATH="$(path_without nft)" "$weir" run --config "$shop" --service inventory -- true 2>&1)
  equal "1 weir: nft not found; install it (Debian: sudo apt-get install -y nftables)" "$? $said"
}

forbidden_namespaces_come_with_the_command_that_allows_them() {
  local folder said
  folder=$(path_without unshare)
  printf '#!/bin/bash\necho "unshare: unshare failed: Operation not permitted" >&2\nexit 1\n' >"$folder/unshare"
  chmod 755 "$folder/unshare"
  said=$("${as[@]}" env JAVA_HOME="$JAVA_HOME" PATH="$folder" "$weir" run --config "$shop" --service inventory -- true 2>&1)
  equal "1 weir: users may not make namespaces here (unshare failed: Operation not permitted); allow it (sudo sysctl -w user.max_user_namespaces=10000 kernel.apparmor_restrict_unprivileged_userns=0), or run as root" "$? $said"
}

# --- all of them

# The interpreter itself: a version manager's wrapper need not run as everyone.
find_python() {
  local candidate
  for candidate in /usr/bin/python3 /usr/local/bin/python3 "$(command -v python3)"; do
    if ${as[@]+"${as[@]}"} "$candidate" --version >/dev/null 2>&1; then
      python=$candidate
      return
    fi
  done
  echo "test-namespaces: needs python3; install it (Debian: apt-get install python3)" >&2
  exit 1
}

# A test of what is the same whoever asks: what an app sends and is sent, its status, its restarts. Namespaces, rights,
# terminals and signals have no part in it.
once() {
  [ "$who" = nobody ] || check "$1"
}

mesh_tests() {
  shop=$work/shop.$who
  cp -r "$home/examples/shop" "$shop"
  find_python
  check two_members_of_a_service_are_two_endpoints
  check a_member_reaches_another_by_each_of_its_names
  once an_app_is_told_who_calls_and_by_which_request
  check tcp_to_what_is_no_service_passes_through
  check a_member_reaches_its_own_service
  check what_the_app_leaves_behind_is_ended
  once the_apps_status_is_runs_status
  check a_pipe_carries_the_apps_own_bytes
  once a_signal_that_ended_the_app_is_named
  check variables_come_from_files_and_words_and_the_host_has_the_instances_name
  once an_app_that_fails_is_started_again
  check a_published_port_is_reached_from_outside_of_the_mesh
  check a_member_reaches_other_networks_by_its_sidecar
  check an_isolated_member_reaches_the_mesh_alone
  once a_mesh_of_registered_services_alone_closes_the_way_out
  once a_service_outside_of_the_mesh_is_called_as_one_of_it
  once an_app_that_does_not_end_is_killed
  check a_terminal_is_passed_through
  check an_interrupt_on_a_terminal_is_the_apps
  check an_interrupt_reaches_the_app_once_and_the_last_one_out_takes_the_mesh_away
  check an_interrupt_at_any_moment_is_130_and_harms_no_later_run
  once told_twice_the_app_is_not_asked_any_more
  check services_that_come_later_resolve_and_ports_that_are_not_there_are_said
  once an_instance_that_is_called_by_its_address_is_of_the_mesh
  once a_service_of_another_namespace_is_reached_from_the_first_call_on
  once a_route_of_the_callers_namespace_is_for_its_calls_alone
  once what_is_not_http_reaches_a_port_that_says_nothing
  once connections_go_by_the_name_that_tls_asks_for
  once an_app_that_listens_elsewhere_is_found_or_named
  check a_folder_of_services_comes_up_in_order_and_goes_down_in_reverse
  check services_that_are_up_are_seen_restarted_entered_and_ended_from_outside
  once the_live_page_of_a_folder_is_for_who_has_its_address
  once who_strict_would_refuse_is_seen_before_it_does
  check members_of_an_up_that_was_killed_end
}

"$weir" sidecar --help >/dev/null || exit 1 # built
JAVA_HOME=${JAVA_HOME:-}
if [ "$part" = --as-nobody ]; then
  who=nobody as=("${nobody[@]}")
  mesh_tests
  check the_demo_interrupted_in_the_middle_is_130_and_leaves_nothing
  check a_missing_program_comes_with_the_command_that_installs_it
  check forbidden_namespaces_come_with_the_command_that_allows_them
  conclude
  exit
fi
if [ "$(id -u)" = 0 ]; then
  TMPDIR=$temporary "$0" --as-nobody "$@" >"$work/nobody" 2>&1 & # not below ours: sockets have short names
  beside=$!
fi
who=me as=()
links=$(ip -o link | wc -l)
check rules_written_twice_are_in_force_once
check rules_are_removed_and_others_stay
check a_dry_run_changes_nothing
check rules_can_be_written_from_outside_of_the_namespace
check a_pod_is_redirected_by_the_cni_plugin_as_its_annotation_says
[ "$(id -u)" != 0 ] || check a_pods_sidecar_waits_until_it_is_redirected_to # another user: root's to be
find_python
check http_goes_on_to_its_original_destination_over_one_connection
mesh_tests
check what_a_crashed_holder_left_is_cleaned
check a_member_whose_mesh_is_ended_by_hand_says_so_and_ends
check another_control_plane_can_be_joined
check another_control_plane_that_tells_who_is_who_can_be_joined_by_a_token
check what_the_control_plane_says_reaches_the_members
check a_folder_without_a_service_is_told_before_the_service_is_missed
check the_demo_holds_then_stays_open_until_an_interrupt_and_leaves_nothing
check the_runtime_folder_is_made_while_another_takes_it_away
check members_that_come_at_once_do_not_sweep_each_other_away
[ -z "$JAVA_HOME" ] || check an_app_has_the_variables_of_its_user_and_not_the_launchers
check an_up_in_the_background_says_who_is_not_ready
check a_mesh_ends_though_its_programs_were_built_again
check an_up_that_does_not_answer_is_killed_with_all_of_it
check what_is_wrong_with_the_services_of_a_folder_has_its_place
check an_unknown_service_is_told_with_those_that_are
check what_could_not_be_run_is_no_success
check what_a_program_says_of_its_own_mistake_is_a_failure
check wrong_usage_is_a_line
check wrong_usage_of_any_command_is_2_and_a_line
check help_of_a_command_is_its_own
if [ -n "$beside" ]; then
  wait "$beside"
  beside=
  counts='^\([0-9]*\) passed, \([0-9]*\) failed$'
  grep -v "$counts" "$work/nobody"
  read -r passed_there failed_there < <(sed -n "s/$counts/\1 \2/p" "$work/nobody")
  passed=$((passed + ${passed_there:-0})) failed=$((failed + ${failed_there:-1}))
fi
conclude
