# ./weir verify [--quick]: every check and every test; sourced by ./weir.
# --quick leaves out what needs another program: real Envoy, network namespaces.

. "$home/scripts/lib/install.sh"

verify_usage() {
  cat <<'TEXT'
usage: ./weir verify [--quick]

Builds with all checks and runs every test: unit, property and layout tests, real Envoy as a peer,
network namespaces. What a test needs is installed first.

  --quick   the inner loop: without real Envoy and without network namespaces

Exit status: 0: all is well; 1: it is not; 2: wrong usage.
TEXT
}

verify() {
  local quick=false
  while [ $# -gt 0 ]; do
    case $1 in
      --quick) quick=true ;;
      --help | -h) verify_usage; return ;;
      *) echo "weir verify: \"$1\" is not an option; see ./weir verify --help" >&2; exit 2 ;;
    esac
    shift
  done
  # As who builds: two at once would write the same files.
  mkdir -p "$home/target"
  exec 9>"$home/target/lock"
  flock 9
  if $quick; then
    maven -Dweir.test.excluded=envoy verify
    return
  fi
  install_envoy
  maven -Pjmh verify # the microbenchmarks too: they compile, and keep the rules
  exec 9>&-
  if [ -x "$home/scripts/test-namespaces.sh" ]; then
    install_package nftables command -v nft
    install_package iproute2 command -v ip
    "$home/scripts/test-namespaces.sh"
  fi
}

verify "$@"
