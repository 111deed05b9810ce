#!/usr/bin/env bash
# In a network namespace of its own: a client whose calls are redirected to a sidecar, and a server in a second one.
# $1: ./weir, $2: python. Prints what the client was answered, by whom, and over how many upstream connections.
set -euo pipefail
weir=$1 python=$2 here=$(dirname "$0")

exec 3< <(exec unshare -n "$python" "$here/app.py")
server=$!
trap 'kill $server ${sidecar:-} 2>/dev/null || true' EXIT
read -r serving <&3
[ "$serving" = serving ]
there=(nsenter --net="/proc/$server/ns/net")
ip link set lo up
ip link add near type veth peer name far netns $server
ip address add 10.99.0.1/24 dev near
ip link set near up
"${there[@]}" ip address add 10.99.0.2/24 dev far
"${there[@]}" ip link set far up
"$weir" intercept
"$weir" sidecar -c "$here/original-destination.yaml" >&2 &
sidecar=$!
"$python" - <<'PYTHON'
import time
from http.client import HTTPConnection

deadline = time.monotonic() + 30
while True:
    try:
        connection = HTTPConnection("10.99.0.2", 8080, timeout=5)
        for i in range(3):
            connection.request("GET", "/")
            answer = connection.getresponse()
            print(answer.status, answer.getheader("server"), answer.read().isdigit())
        break
    except OSError:
        if time.monotonic() > deadline:
            raise
        time.sleep(0.1)
admin = HTTPConnection("127.0.0.1", 15000, timeout=5)
admin.request("GET", "/stats")
stats = admin.getresponse().read().decode()
print(*[line for line in stats.splitlines() if "original.upstream_cx_total" in line])
PYTHON
