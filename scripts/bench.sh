# ./weir bench: the sidecar beside Envoy, bench/bench.py, the control plane, or a mesh while that is away,
# bench/outages.py, or while certificates are renewed, bench/certificates.py; sourced by ./weir.
. "$home/scripts/lib/install.sh"

# The control plane with sidecars that are not there: dev.weir.bench.mesh.
bench_control_plane() {
  local words=() word java
  build
  java_of control-plane
  for word in "${java[@]}" dev.weir.control.Main; do
    words+=("--command=$word")
  done
  words+=("--crds=$home/charts/weir-crds/templates")
  case " $* " in *" --kubernetes "*) begin_kubernetes || exit 1; await_kubernetes ;; esac
  maven -q -Pjmh -Dweir.fast -pl bench -am package
  exec "$JAVA_HOME/bin/java" "${jvm[@]}" -Xmx4g -cp "$(echo "$home"/bench/target/weir-bench-*.jar)" dev.weir.bench.mesh.Main "${words[@]}" "$@"
}

# A mesh that is called while its control plane is killed and its policies are rewritten.
bench_outages() {
  python3 "$home/bench/outages.py" --check "$@" || exit
  case " $* " in *" --help "* | *" -h "*) exit ;; esac
  need_linux "bench --outages"
  build
  exec python3 "$home/bench/outages.py" --weir "$home/weir" "$@"
}

# Two services whose certificates last for seconds, while their root is changed and their CA is killed.
bench_certificates() {
  python3 "$home/bench/certificates.py" --check "$@" || exit
  case " $* " in *" --help "* | *" -h "*) exit ;; esac
  need_linux "bench --certificates"
  install_package openssl command -v openssl
  build
  exec python3 "$home/bench/certificates.py" --weir "$home/weir" "$@"
}

case ${1:-} in
  --control-plane) bench_control_plane "${@:2}" ;;
  --outages) bench_outages "${@:2}" ;;
  --certificates) bench_certificates "${@:2}" ;;
esac

# Before anything is installed: wrong arguments, --help.
python3 "$home/bench/bench.py" --envoy - --weir - --check "$@" || exit
case " $* " in *" --help "* | *" -h "*) exit ;; esac
install_package wrk command -v wrk
install_package nghttp2-client command -v h2load
install_package nginx-light command -v nginx
install_package openssl command -v openssl
install_envoy
build
# As ./weir sidecar runs it, without the launcher's shell in between: CPU and memory are read from the process itself.
java_of sidecar
exec python3 "$home/bench/bench.py" --envoy "$WEIR_ENVOY" --weir "${java[*]} dev.weir.sidecar.Main" --java "$JAVA_HOME/bin/java" "$@"
