# ./weir verify [--quick | --apps [PATTERN...] | --node | --mutants [AREA...]]: every check and every test; sourced by ./weir.
# --quick leaves out what needs another program: real Envoy, a real Kubernetes, network namespaces.

. "$home/scripts/lib/install.sh"
. "$home/scripts/lib/mutants.sh"

verify_usage() {
  cat <<TEXT
usage: ./weir verify [--quick | --apps [--allow-missing] [PATTERN...] | --node | --mutants [AREA...]]

Builds with all checks and runs every test: unit, property and layout tests, real Envoy, a real Kubernetes and
others as peers, network namespaces. What a test needs is installed first; Kubernetes is built, which takes ten
minutes the first time.

  --quick     the inner loop: without real Envoy, without Kubernetes, without network namespaces and without the
              classes of tests that take some seconds each
  --apps      runs apps of the field, as they are, as members of a mesh: apart from the rest, since it downloads
              a few hundred MB and, as root, installs Debian's packages. A PATTERN, as "*flask*", is of tests' names.
              A test whose app cannot be installed or built says why, and counts as failed
  --allow-missing   of --apps: it does not
  --node      the images and the charts in a Kubernetes of one node, where pods really run, and Gateway API's
              conformance suite there: apart from the rest, since from nothing its programs and images take half an
              hour and more. Needs root; the node stays (e2e/kubernetes/cluster.sh down ends it)
  --mutants   changes the code, one place at a time, and asks whether a test notices: apart from the rest, and
              an hour or more for all areas. An area fails of whose changes, on lines that its tests run, less
              than 85 % are noticed; "fields", in which each honoured field in turn is made to do nothing, of
              whose fields one is not noticed. Areas, all of them if none is named:
              $(mutant_area_names)

Exit status: 0: all is well; 1: it is not; 2: wrong usage.
TEXT
}

need_namespaces() {
  install_package nftables command -v nft
  install_package iproute2 command -v ip
}

verify() {
  local quick=false apps=false node=false mutants=false missing=() areas=()
  while [ $# -gt 0 ]; do
    case $1 in
      --quick) quick=true ;;
      --apps) apps=true ;;
      --node) node=true ;;
      --allow-missing) missing=(--allow-missing) ;;
      --mutants) mutants=true ;;
      --help | -h) verify_usage; return ;;
      *)
        if { ! $mutants && ! $apps; } || [ "${1#-}" != "$1" ]; then
          echo "weir verify: \"$1\" is not an option; see ./weir verify --help" >&2
          exit 2
        fi
        areas+=("$1") ;;
    esac
    shift
  done
  case $quick$apps$node$mutants in
    *true*true*)
      echo "weir verify: --quick, --apps, --node and --mutants are runs of their own; see ./weir verify --help" >&2
      exit 2 ;;
  esac
  if [ ${#missing[@]} -gt 0 ] && ! $apps; then
    echo "weir verify: --allow-missing is for --apps; see ./weir verify --help" >&2
    exit 2
  fi
  if $apps; then
    need_namespaces
    exec "$home/scripts/test-apps.sh" ${missing[@]+"${missing[@]}"} ${areas[@]+"${areas[@]}"}
  fi
  if $node; then
    "$home/e2e/kubernetes/smoke.sh"
    "$home/e2e/kubernetes/mesh.sh"
    "$home/e2e/kubernetes/cni.sh"
    "$home/e2e/kubernetes/upgrade.sh"
    exec "$home/e2e/kubernetes/conformance.sh"
  fi
  install_package busybox-static command -v busybox # which runs the CNI plugin
  # As who builds: two at once would write the same files.
  mkdir -p "$home/target"
  exec 9>"$home/target/lock"
  flock 9
  if $mutants; then
    verify_mutants "${areas[@]}"
    return
  fi
  if $quick; then
    maven -Dweir.test.excluded=mutants,envoy,kubernetes,browser,slow verify
    return
  fi
  local excluded=mutants kubernetes
  install_prometheus || excluded+=,prometheus
  install_browser || excluded+=,browser
  begin_kubernetes || excluded+=,kubernetes
  install_envoy
  install_grpcio
  install_grpc_go
  install_go_control_plane
  [ -z "${kubernetes:-}" ] || await_kubernetes
  maven -Pjmh -Dweir.test.excluded="$excluded" verify # the microbenchmarks too: they compile, and keep the rules
  exec 9>&-
  install_arm64_runtime
  "$home/scripts/test/command-line.sh"
  if [ -x "$home/scripts/test-namespaces.sh" ]; then
    need_namespaces
    "$home/scripts/test-namespaces.sh"
  fi
}

verify "$@"
