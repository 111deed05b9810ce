#!/usr/bin/env bash
# Runs the command $4... in a network of its own that has two members' outside: an HTTP server on all addresses, of which
# 192.0.2.1 is one, and a name server on its loopback that knows it as db.test.
#
#   outside.sh HOME PYTHON WORK COMMAND...     in namespaces of network and mounts, as their root
set -euo pipefail
home=$1 python=$2 work=$3
shift 3
ip link set lo up
ip address add 192.0.2.1/32 dev lo
echo "nameserver 127.0.0.53" >"$work/outside.conf"
mount --bind "$work/outside.conf" "$(realpath /etc/resolv.conf)"
"$python" "$home/scripts/test/app.py" >/dev/null &
app=$!
"$python" "$home/scripts/test/names.py" 127.0.0.53 db.test 192.0.2.1 &
names=$!
trap 'kill $app $names' EXIT
until { true <>/dev/tcp/127.0.0.1/8080; } 2>/dev/null; do sleep 0.1; done
"$@"
