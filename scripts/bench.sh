# ./weir bench: the sidecar beside Envoy, bench/bench.py; sourced by ./weir.
. "$home/scripts/lib/install.sh"

# Before anything is installed: wrong arguments, --help.
python3 "$home/bench/bench.py" --envoy - --weir - --check "$@" || exit
case " $* " in *" --help "* | *" -h "*) exit ;; esac
install_package wrk command -v wrk
install_package nghttp2-client command -v h2load
install_package nginx-light command -v nginx
install_envoy
build
# As ./weir sidecar runs it, without the launcher's shell in between: CPU and memory are read from the process itself.
java_of sidecar
exec python3 "$home/bench/bench.py" --envoy "$WEIR_ENVOY" --weir "${java[*]} dev.weir.sidecar.Main" "$@"
