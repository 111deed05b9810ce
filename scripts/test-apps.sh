#!/usr/bin/env bash
# Runs apps of the field, as they are, as members of one mesh: each is called, each that can calls another, and
# each is started again. Ends with "N passed, M failed", and with how many could not be run, each of which has said
# why: they count as failed.
#
#   scripts/test-apps.sh [--allow-missing] [PATTERN...]    only the tests whose names match one, as "*flask*"
#
# With --allow-missing, what cannot be run because an app cannot be installed or built is no failure.
#
# The apps are in scripts/apps, built in target/apps; a few hundred MB are downloaded the first time. Debian's
# packages are installed if this is root: nginx, PostgreSQL, Redis, PHP, Sinatra, Node.js, of which Debian may
# start some as services of the machine.
set -uo pipefail

allow_missing=""
if [ "${1:-}" = --allow-missing ]; then
  allow_missing=yes
  shift
fi
wanted=("$@")

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$home/scripts/test/lib.sh"
weir=$home/weir
apps=$home/target/apps
passed=0 failed=0
declare -A missing=() # why an app is not run
work=$(mktemp -d "${TMPDIR:-/tmp}/weir-apps.XXXXXX")
chmod 755 "$work"
mesh=$work/mesh
mkdir "$work/run" "$work/tmp" "$work/www" "$mesh"
chmod 1777 "$work/tmp"
# What others on the machine run is not seen, nor what this leaves.
export TMPDIR=$work/tmp XDG_RUNTIME_DIR=$work/run
export APPS=$apps STATE=$work JAVA=${JAVA_HOME:-}
up=""

fail() {
  echo "test-apps: $*" >&2
  exit 1
}

# A down that does not end is no reason to stay.
clean_up() {
  if [ -n "$up" ]; then
    timeout 120 "$weir" down "$mesh" >"$work/down.log" 2>&1 || kill -TERM "$up" 2>/dev/null
    timeout 60 tail --pid="$up" -f /dev/null || kill -KILL "$up" 2>/dev/null
  fi
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

. "$home/scripts/lib/install.sh"

# --- what is needed

# Runs $2..., which makes what the apps $1 need; without it they are not run.
needs() {
  local names=$1 name log=$work/needs.log
  shift
  "$@" >"$log" 2>&1 && return
  for name in $names; do
    missing[$name]=${missing[$name]:-"$* failed: $(grep -v '^$' "$log" | tail -n 1 | cut -c1-200)"}
  done
  echo "NOT RUN $names: $* failed" >&2
  tail -n 10 "$log" | cut -c1-300 | sed 's/^/          /' >&2
}

package() {
  (install_package "$@")
}

# The app $1 in a folder of its own, in which $2... builds it; again if its sources have changed.
built() {
  local name=$1 sum
  shift
  sum=$(cd "$home/scripts/apps/$name" && find . -type f -not -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum | sha256sum) || return 1
  [ "$(cat "$apps/$name/.built" 2>/dev/null)" != "$sum" ] || return 0
  rm -rf "${apps:?}/$name"
  mkdir -p "$apps"
  cp -r "$home/scripts/apps/$name" "$apps/$name" && (cd "$apps/$name" && "$@") && echo "$sum" >"$apps/$name/.built"
}

python() {
  python3 -m venv venv && venv/bin/pip install -q --disable-pip-version-check -r requirements.txt
}

node_modules() {
  npm install --no-audit --no-fund && { ! grep -q '"build"' package.json || npm run build; }
}

java_package() {
  JAVA_HOME=$JAVA mvn -B -ntp -q -DskipTests package
}

go_programs() {
  local go=/usr/local/go/bin/go
  ! command -v go >/dev/null || go=$(command -v go)
  mkdir bin && "$go" build -buildvcs=false -o bin/ ./http ./greeter ./greet github.com/nats-io/nats-server/v2
}

stubs() {
  "$apps/python/venv/bin/python" -m grpc_tools.protoc -I. --python_out=. --grpc_python_out=. helloworld.proto
}

# Debian's own configuration, but for where it writes, and with a place that leads to another service.
nginx_folder() {
  [ "$(id -u)" = 0 ] || { echo "port 80 is root's"; return 1; }
  [ -e /etc/nginx/sites-available/default ] || { echo "no /etc/nginx/sites-available/default"; return 1; }
  cp -rL /etc/nginx "$work/nginx"
  rm -f "$work"/nginx/sites-enabled/* "$work"/nginx/conf.d/*
  sed -i "s|/etc/nginx/|$work/nginx/|; s|^pid .*|pid $work/nginx.pid;|; s|/var/log/nginx|$work|" "$work/nginx/nginx.conf"
  sed 's|^\tserver_name _;|&\n\n\tlocation /hello/ {\n\t\tproxy_pass http://flask;\n\t}|' \
    /etc/nginx/sites-available/default >"$work/nginx/sites-enabled/default"
}

# A database of our own; it does not run as root.
postgres_folder() {
  local bin as=""
  bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  [ "$(id -u)" != 0 ] || as="setpriv --reuid=postgres --regid=postgres --init-groups --"
  mkdir "$work/postgres"
  [ -z "$as" ] || chown postgres "$work/postgres"
  echo secret >"$work/password"
  $as "$bin/initdb" -D "$work/postgres" -U postgres --auth=scram-sha-256 --pwfile="$work/password" || return 1
  printf '#!/bin/sh\nexec %s\n' "$as $bin/postgres -D $work/postgres -k $work/postgres" >"$work/postgres.sh"
  chmod 755 "$work/postgres.sh"
}

prepare() {
  package jq command -v jq || fail "needs jq"
  package curl command -v curl || fail "needs curl"
  package python3-venv python3 -c 'import ensurepip' || fail "needs python3 with venv"
  built python python >"$work/python.log" 2>&1 || { tail -n 5 "$work/python.log"; fail "the callers' Python cannot be made"; }
  built callers true || fail "the callers cannot be copied"
  needs flask built flask true
  needs fastapi built fastapi true
  needs websockets built websockets true
  needs "grpc-python grpc-go" built grpc stubs
  needs "express nest ws" package nodejs command -v node
  needs "express nest ws" package npm command -v npm
  needs express built express node_modules
  needs nest built nest node_modules
  needs ws built ws node_modules
  needs spring built spring java_package
  needs quarkus built quarkus java_package
  needs "go grpc-go grpc-python nats" built go go_programs
  needs sinatra package ruby-sinatra ruby -e 'require "sinatra/base"'
  needs sinatra package puma command -v puma
  needs sinatra built sinatra true
  needs php package php-cli command -v php
  needs php built php true
  needs nginx package nginx command -v nginx
  needs nginx nginx_folder
  needs postgres package postgresql sh -c 'ls /usr/lib/postgresql/*/bin/initdb'
  needs postgres postgres_folder
  needs redis package redis-server command -v redis-server
}

# --- what the tests are written in

# The services without those that are not run.
write_mesh() {
  local name
  cp "$home"/scripts/apps/mesh/{services,policies,weir}.yaml "$mesh/"
  for name in "${!missing[@]}"; do
    sed -i "/^  $name:\$/,/^  [a-z-]*:\$/{/^  $name:\$/d;/^   /d}" "$mesh/weir.yaml"
  done
}

# In the network of a member, with its names.
in_member() {
  local name=$1
  shift
  timeout 120 "$weir" exec --config "$mesh" "$name" -- "$@"
}

caller_python() {
  in_member caller "$apps/python/venv/bin/python" "$@"
}

# Until $3... succeeds, for $1 seconds at most; $2 says what it is.
within() {
  local until=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    if [ $SECONDS -gt $until ]; then
      echo "not in time: $what"
      return 1
    fi
    sleep 0.2
  done
}

# How many requests of a path that begins with $2 the sidecar of $1 has let in from $3, who has proved to be it.
let_in() {
  timeout 60 "$weir" logs --config "$mesh" "$1" | sed -n 's/^[^{]*\[sidecar\] {/{/p' \
    | jq -rR --arg path "$2" --arg by "spiffe://cluster.local/ns/apps/sa/$3" \
      'fromjson? | select((.path // "" | startswith($path)) and .peer_identity == $by
        and (.upstream_cluster // "" | startswith("inbound|")) and .failure == null) | .status' | wc -l
}

# How many connections that are no HTTP the sidecar of $1 has relayed for the caller, who has proved to be it.
relayed() {
  timeout 60 "$weir" logs --config "$mesh" "$1" | sed -n 's/^[^{]*\[sidecar\] {/{/p' \
    | jq -rR 'fromjson? | select(.protocol == "TCP" and .peer_identity == "spiffe://cluster.local/ns/apps/sa/caller"
        and (.upstream_cluster // "" | startswith("inbound|")) and .cause == null and .failure == null) | .flags' | wc -l
}

has_relayed() {
  [ "$(relayed "$1")" -gt "$2" ]
}

# The server $1 says $2 to the client $3... of the caller, whom its sidecar knows.
serves() {
  local name=$1 said=$2 before
  shift 2
  before=$(relayed "$name")
  equal "$said" "$(in_member caller "$@")" || return 1
  within 30 "$name's sidecar has relayed for the caller" has_relayed "$name" "$before"
}

was_let_in() {
  [ "$(let_in "$1" "$2" "$3")" -gt "${4:-0}" ]
}

# A word that no other test has.
word() {
  words=$((words + 1))
  word=word$words
}
words=0

# Of an answer in JSON.
greeting() {
  jq -r '"\(.app) \(.hello)"' 2>/dev/null
}

get() {
  in_member caller curl -sS --fail-with-body --max-time 60 "$1"
}

# The app $1 at $2 answers a member, whom its sidecar knows.
answers() {
  word
  equal "$1 $word" "$(get "$2/hello/$word" | greeting)" || return 1
  within 30 "$1's sidecar has let the caller in" was_let_in "$1" "/hello/$word" caller
}

# The app $1 at $2 calls the app $3 by its own client; the sidecar of that one knows it.
calls() {
  word
  equal "$3 $word" "$(get "$2/call/$word" | greeting)" || return 1
  within 30 "$3's sidecar has let $1 in" was_let_in "$3" "/hello/$word" "$1"
}

pid_of() {
  timeout 60 "$weir" ps "$mesh" | awk -v service="$1" '$2 == service { print $3, $4 }'
}

is_ready() {
  [[ $(pid_of "$1") == "ready "* ]]
}

# Ends the app $1 and starts it again; then $2... holds.
again() {
  local name=$1 before after
  shift
  before=$(pid_of "$name")
  timeout 300 "$weir" restart --config "$mesh" "$name" || return 1
  within 240 "$name is ready again" is_ready "$name" || return 1
  after=$(pid_of "$name")
  [ "$before" != "$after" ] || { echo "it is the one that was there before: $before"; return 1; }
  within 60 "calls after the restart" "$@"
}

# check APPS NAME COMMAND...: a test that needs these apps.
not_run=0
check() {
  local apps_of=$1 name=$2 app log=$work/test.log
  shift 2
  is_wanted "$name" || return 0
  for app in $apps_of; do
    if [ -n "${missing[$app]:-}" ]; then
      not_run=$((not_run + 1))
      echo "NOT RUN $name: ${missing[$app]}"
      return
    fi
  done
  if "$@" >"$log" 2>&1; then
    passed=$((passed + 1))
    echo "ok      $name"
  else
    failed=$((failed + 1))
    echo "FAILED  $name"
    sed 's/^/          /' "$log" | cut -c1-300
    for app in $apps_of; do
      timeout 60 "$weir" logs --config "$mesh" "$app" | tail -n 5 | cut -c1-400 | sed 's/^/          /'
    done
  fi
}

# --- the tests

# An app of a framework $1 at $2, which calls $3.
framework() {
  check "$1" "$1 answers" answers "$1" "$2"
  check "$1 $3" "$1 calls $3" calls "$1" "$2" "$3"
  check "$1" "$1 answers after a restart" again "$1" answers "$1" "$2"
}

# The server $1, called by the client $2...
greets() {
  local name=$1 language=$2 before
  shift 2
  before=$(let_in "$name" /helloworld.Greeter/SayHello caller)
  word
  equal "Hello $word from $language" "$(in_member caller "$@" "$name:50051" "$word")" || return 1
  within 30 "$name's sidecar has let the caller in" was_let_in "$name" /helloworld.Greeter/SayHello caller "$before"
}

echoes() {
  word
  equal 100 "$(caller_python "$apps/callers/echo.py" "$2/$word")" || return 1
  within 30 "$1's sidecar has let the caller in" was_let_in "$1" "/$word" caller
}

come_one_by_one() {
  word
  equal "5 one by one" "$(caller_python "$apps/callers/events.py" "$2/events?$word")" || return 1
  within 30 "$1's sidecar has let the caller in" was_let_in "$1" "/events?$word" caller
}

passes_on() {
  word
  equal "flask $word" "$(get "http://nginx/hello/$word" | greeting)" || return 1
  within 30 "nginx's sidecar has let the caller in" was_let_in nginx "/hello/$word" caller || return 1
  within 30 "flask's sidecar has let nginx in" was_let_in flask "/hello/$word" nginx
}

start_page() {
  get http://nginx/ | grep -q "Welcome to nginx"
}

sql() {
  word
  serves postgres "$word" env PGPASSWORD=secret "$apps/python/venv/bin/python" "$apps/callers/sql.py" "$word"
}

accepts_connections() {
  equal "postgres:5432 - accepting connections" "$(in_member caller pg_isready -h postgres -t 30)"
}

pings() {
  serves redis PONG redis-cli -h redis ping
}

stores() {
  word
  serves redis "$word" "$apps/python/venv/bin/python" "$apps/callers/store.py" "$word"
}

publishes() {
  word
  serves nats "$word" "$apps/python/venv/bin/python" "$apps/callers/bus.py" "$word"
}

# Who has not the identity that the policy names is not let in: $2... at flask.
keeps_out() {
  local name=$1 said address
  shift
  address=$(in_member flask hostname -i) || return 1
  said=$(in_member flask timeout 30 "$@" 2>&1) && { echo "let in: $said"; return 1; }
  within 30 "$name's sidecar says who is kept out" has_kept_out "$name" "${address##* }"
}

has_kept_out() {
  timeout 60 "$weir" logs --config "$mesh" "$1" \
    | grep -q "refused: forbidden: no policy of \[apps/stores\] allows it; from $2:"
}

all_ready() {
  timeout 60 "$weir" ps "$mesh" 2>/dev/null | awk '$3 == "ready" { ready++ } END { exit NR < 2 || ready != NR - 1 }'
}

"$weir" sidecar --help >/dev/null || exit 1 # built
[ -n "$JAVA" ] || JAVA=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")
prepare
write_mesh
"$weir" check "$mesh" || fail "the policies are wrong"
setsid "$weir" up "$mesh" >"$work/up.log" 2>&1 </dev/null &
up=$!
within 600 "all are ready" all_ready || { "$weir" ps "$mesh"; tail -n 40 "$work/up.log"; fail "not all are ready"; }

framework flask http://flask express
framework fastapi http://fastapi flask
framework express http://express:3000 go
framework nest http://nest spring
framework spring http://spring:8080 quarkus
framework quarkus http://quarkus nest
framework go http://go fastapi
framework sinatra http://sinatra php
framework php http://php sinatra
check fastapi "events of fastapi come one by one" come_one_by_one fastapi http://fastapi
check express "events of express come one by one" come_one_by_one express http://express:3000
python_client=("$apps/python/venv/bin/python" "$apps/grpc/greeter_client.py")
check grpc-go "a gRPC server in Go greets a client in Python" greets grpc-go Go "${python_client[@]}"
check grpc-go "a gRPC server in Go greets after a restart" again grpc-go greets grpc-go Go "${python_client[@]}"
check "grpc-python grpc-go" "a gRPC server in Python greets a client in Go" greets grpc-python Python "$apps/go/bin/greet"
check "grpc-python grpc-go" "a gRPC server in Python greets after a restart" \
  again grpc-python greets grpc-python Python "$apps/go/bin/greet"
check websockets "a web socket of Python echoes" echoes websockets ws://websockets:8765
check websockets "a web socket of Python echoes after a restart" again websockets echoes websockets ws://websockets:8765
check ws "a web socket of Node.js echoes" echoes ws ws://ws
check ws "a web socket of Node.js echoes after a restart" again ws echoes ws ws://ws
check nginx "nginx answers with its start page" start_page
check "nginx flask" "nginx passes on to flask" passes_on
check "nginx flask" "nginx passes on after a restart" again nginx passes_on
check postgres "PostgreSQL accepts connections" accepts_connections
check postgres "PostgreSQL runs SQL" sql
check "postgres flask" "PostgreSQL keeps others out" keeps_out postgres pg_isready -h postgres -t 20
check postgres "PostgreSQL runs SQL after a restart" again postgres sql
check redis "Redis is pinged" pings
check redis "Redis stores" stores
check "redis flask" "Redis keeps others out" keeps_out redis redis-cli -h redis ping
check redis "Redis stores after a restart" again redis stores
check nats "NATS passes messages on" publishes
check "nats flask" "NATS keeps others out" keeps_out nats "$apps/python/venv/bin/python" "$apps/callers/bus.py" no
check nats "NATS passes messages on after a restart" again nats publishes
conclude
