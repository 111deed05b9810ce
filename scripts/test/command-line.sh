#!/usr/bin/env bash
# Tests ./weir as a shell sees it: what is completed, whether a cluster or a folder is meant, and what the JVM is told.
# Nothing runs in a cluster. Ends with "N passed, N failed".
#
#   scripts/test/command-line.sh [PATTERN...]    only the tests whose names match one
set -uo pipefail

wanted=("$@")
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$home/scripts/test/lib.sh"
weir=$home/weir
passed=0 failed=0
work=$(mktemp -d "${TMPDIR:-/tmp}/weir-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir -p "$work"/{home,folder,mesh,run}
touch "$work/mesh/weir.yaml"
export HOME=$work/home XDG_RUNTIME_DIR=$work/run
unset KUBECONFIG KUBERNETES_SERVICE_HOST

try() {
  is_wanted "$1" || return 0
  if (set -e; "$1") >"$work/log" 2>&1; then
    passed=$((passed + 1))
    echo "ok      ${1//_/ }"
  else
    failed=$((failed + 1))
    echo "FAILED  ${1//_/ }"
    sed 's/^/        /' "$work/log"
  fi
}

# completed WORD...: what bash's own completion makes of these words, the last one begun; one a line.
completed() {
  local line=weir word
  for word; do
    line+=" $word"
  done
  # shellcheck disable=SC2016 # for the shell in there
  bash --norc -c '
    source <("$1" completion bash)
    COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=("${@:3}") COMP_CWORD=$(($# - 3))
    compopt() { :; } # which is for a completion that a terminal asks for
    _weir
    printf "%s\n" "${COMPREPLY[@]}"' - "$weir" "$line" weir "$@"
}

meant() {
  (
    . "$home/scripts/lib/cluster.sh"
    command=$1
    shift
    cluster_or_folder "$@"
  )
}

# said STATUS WORD...: what a command says that ends with the status.
said() {
  local expected=$1 said status=0
  shift
  said=$("$weir" "$@" 2>&1) || status=$?
  [ "$status" = "$expected" ] || { echo "status $status, not $expected: $said"; return 1; }
  echo "$said"
}

bash_completes_commands() {
  equal "check
completion
config
control-plane" "$(completed c)"
  equal "proxy-config
proxy-status" "$(completed proxy)"
  completed "" | grep -x bug-report
}

bash_completes_options_as_help_has_them() {
  local option
  for option in --kubeconfig= --context= --namespace= --output= --kubernetes --help; do
    completed status -- | grep -x -e "$option"
    completed describe -- | grep -x -e "$option"
  done
  completed config --c | grep -x -e "--config="
  equal "--detach" "$(completed up --d)"
  equal "" "$(completed nonsense --)"
}

bash_completes_values() {
  equal "json" "$(completed status -o j)"
  equal "json" "$(completed status --output = j)"
  equal "table
json
yaml" "$(completed describe cart --output =)"
  equal "clusters" "$(completed config cart c)"
  equal "zsh" "$(completed completion z)"
}

kubectl_is_told_candidates_and_that_files_are_some_too() {
  equal "precheck
:0" "$("$home/kubectl_complete-weir" prec)"
}

other_shells_are_served_and_unknown_ones_are_not() {
  said 0 completion zsh | grep compdef
  said 0 completion fish | grep "complete -c weir"
  said 2 completion ksh
  said 2 completion
}

cluster_is_meant_where_one_is_named() {
  cd "$work/mesh"
  equal folder "$(meant status)"
  local option
  for option in -k --kubeconfig=x --context=x "-n shop" -nshop --namespace=shop; do
    # shellcheck disable=SC2086 # words
    equal cluster "$(meant status -o json $option)"
    # shellcheck disable=SC2086 # words
    equal cluster "$(meant config cart routes $option)"
  done
}

cluster_is_meant_where_there_is_a_kubeconfig_and_no_mesh() {
  cd "$work/folder"
  equal folder "$(meant status)"
  export KUBECONFIG=$work/kubeconfig
  equal cluster "$(meant status)"
  equal cluster "$(meant config cart routes)"
  equal cluster "$(meant describe cart -o json)"
  equal said "$(meant status .)"
  equal said "$(meant config --config . cart routes)"
  cd "$work/mesh"
  equal folder "$(meant status)"
  equal folder "$(meant describe cart)"
  cd "$work/folder"
  (
    . "$home/scripts/lib/mesh.sh"
    mesh_locate .
    mkdir -p "$mesh"
  )
  equal folder "$(meant status)"
}

command_without_a_cluster_says_how_to_name_one() {
  cd "$work/folder"
  said 1 proxy-status | grep "^weir status: no cluster is known.*--kubeconfig"
  said 1 precheck | grep "no cluster is known"
  said 2 check | grep "Missing required parameter: 'PATH'"
  said 0 version | grep "^weir "
  said 2 status -k --kubeconfig "$work/none" | grep "cannot be read"
}

which_cluster_may_be_said_before_the_command() {
  cd "$work/mesh"
  said 2 --kubeconfig "$work/none" status | grep "^weir status: --kubeconfig: .*none cannot be read"
  said 2 --kubeconfig="$work/none" -n shop config cart-0 routes | grep "^weir config: --kubeconfig"
  said 1 -n shop status | grep "^weir status: no cluster is known"
  said 2 --debug status | grep "^weir: --debug: options come after the command"
  KUBECONFIG=$work/none said 1 -k status | grep "names $work/none, which is not there, or give --kubeconfig"
}

plugin_is_of_a_cluster_always() {
  cd "$work/mesh"
  local said
  said=$(KUBECONFIG=$work/none "$home/kubectl-weir" status 2>&1) && return 1
  grep "^weir status: no cluster is known" <<<"$said"
  said=$(KUBECONFIG=$work/none "$home/kubectl-weir" -n shop status 2>&1) && return 1
  grep "^weir status: no cluster is known" <<<"$said"
}

folder_is_described() {
  cd "$home/examples/shop"
  said 0 describe inventory | grep "callers' sidecars  ResiliencePolicy shop/inventory (.*inventory.yaml:"
  said 1 describe inventry | grep 'did you mean "inventory"?'
}

# collector COMMAND OPTIONS: the one that the command's JVM has with these options.
collector() {
  WEIR_JAVA_OPTS="$2 -XX:+PrintFlagsFinal" "$weir" "$1" --version | sed -n 's/^ *bool Use\(Serial\|Parallel\|G1\|Z\)GC *= true .*/\1/p'
}

collector_follows_from_the_heap_of_the_control_plane() {
  equal Serial "$(collector control-plane "")"
  equal Serial "$(collector control-plane -Xmx1023m)"
  equal G1 "$(collector control-plane -Xmx1024m)"
  equal G1 "$(collector control-plane -XX:MaxHeapSize=2147483648)"
  equal Serial "$(collector control-plane "-Xmx2g -Xmx512m")"
  equal Parallel "$(collector control-plane "-Xmx2g -XX:+UseParallelGC")"
  equal G1 "$(collector control-plane -XX:+UseG1GC)"
  equal Serial "$(collector sidecar -Xmx2g)"
}

archive_runs_without_a_jdk() {
  said 0 archive "$work/archive.tar.gz"
  mkdir "$work/unpacked"
  tar -C "$work/unpacked" -xzf "$work/archive.tar.gz"
  local archived
  archived=$(echo "$work"/unpacked/weir-*)
  cd "$archived"
  PATH=/usr/sbin:/usr/bin:/sbin:/bin
  unset JAVA_HOME
  weir=$archived/weir
  said 0 check examples/shop | grep "no errors"
  said 0 version --client | grep "^weir "
  equal "$("$home/weir" --version)" "$(said 0 --version)"
  said 0 status --help | grep "^Usage: weir status"
  said 1 verify | grep "is for a checkout"
  equal "describe" "$(completed descr)"
}

archive_for_another_architecture_runs_there() {
  said 1 archive --runtime "$work" | grep "is no Java runtime"
  said 2 archive --runtime | grep "it needs a folder"
  [ -n "${WEIR_ARM64_RUNTIME:-}" ] || { echo "WEIR_ARM64_RUNTIME is not set, as ./weir verify does"; return 1; }
  said 0 archive --runtime "$WEIR_ARM64_RUNTIME" "$work/arm64.tar.gz"
  mkdir "$work/arm64"
  tar -C "$work/arm64" -xzf "$work/arm64.tar.gz"
  cd "$work"/arm64/weir-*-linux-arm64
  equal "" "$(find . -name "*x86_64*")"
  find . -name "netty-transport-native-epoll-*-linux-aarch_64.jar" | grep sidecar
  find . -name "netty-tcnative-boringssl-static-*-linux-aarch_64.jar" | grep control-plane
  mv runtime/bin/java runtime/bin/java.arm64
  # shellcheck disable=SC2016 # for the shell in there
  printf '#!/bin/sh\nexec qemu-aarch64-static -L /usr/aarch64-linux-gnu "${0%%/*}/java.arm64" "$@"\n' >runtime/bin/java
  chmod 755 runtime/bin/java
  unset JAVA_HOME
  weir=$PWD/weir
  said 0 check examples/shop | grep "no errors"
  sidecar_answers
}

# The sidecar of the archive in this folder, whose loops and sockets are native.
sidecar_answers() {
  local port="" tries=0
  # Its ports free ones, and no app.
  sed 's/port_value: 1[05]000/port_value: 0/; s/port_value: 8080/port_value: 1/' examples/bootstrap.yaml >"$work/bootstrap.yaml"
  ./weir sidecar -c "$work/bootstrap.yaml" >"$work/sidecar.out" 2>&1 &
  running=$!
  trap 'kill "$running" 2>/dev/null' EXIT
  until port=$(sed -n 's/^listener [^ ]*: [0-9.]*:\([0-9]*\)$/\1/p' "$work/sidecar.out" | head -n 1) && [ -n "$port" ]; do
    tries=$((tries + 1))
    [ $tries -lt 900 ] && kill -0 "$running" || { cat "$work/sidecar.out"; return 1; }
    sleep 0.1
  done
  equal 503 "$(curl -s -m 60 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/")"
}

# What is left out of others' jars is missed by nothing that the programs reach: pom.xml's "lean".
no_program_lacks_a_class_that_is_left_out_of_its_jars() {
  local module jar lacking
  . "$home/scripts/lib/programs.sh"
  . "$home/scripts/lib/jdk.sh"
  find_jdk
  said 0 sidecar --help >"$work/help" # which builds them
  for module in sidecar control-plane; do
    jar=$(echo "$(programs)/$module/weir-$module"-*.jar)
    # What is optional is lacking too: Netty's protocols, logging of several kinds, annotations for compilers.
    "$JAVA_HOME/bin/jdeps" --multi-release 25 -R --missing-deps -cp "${jar%/*}/lib/*" "$jar" >"$work/deps"
    if lacking=$(grep -v -- '-> com\.google\.auto\.value\.' "$work/deps" |
      grep -E -- '-> (io\.envoyproxy|org\.bouncycastle|com\.github|com\.google|cel|dev|udpa|xds|io\.opentelemetry\.proto|io\.prometheus)\.'); then
      echo "$module lacks"
      echo "$lacking"
      return 1
    fi
  done
}

try bash_completes_commands
try bash_completes_options_as_help_has_them
try bash_completes_values
try kubectl_is_told_candidates_and_that_files_are_some_too
try other_shells_are_served_and_unknown_ones_are_not
try cluster_is_meant_where_one_is_named
try cluster_is_meant_where_there_is_a_kubeconfig_and_no_mesh
try command_without_a_cluster_says_how_to_name_one
try plugin_is_of_a_cluster_always
try folder_is_described
try collector_follows_from_the_heap_of_the_control_plane
try no_program_lacks_a_class_that_is_left_out_of_its_jars
try archive_runs_without_a_jdk
try archive_for_another_architecture_runs_there

conclude
