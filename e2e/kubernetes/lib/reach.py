"""How long a policy takes to be in force: reach.py API CONTROL_PLANE NAMESPACE PODS TIMES. API is where "kubectl proxy"
listens, CONTROL_PLANE the admin port of the one control plane. Changes a policy and looks at that page until so many
proxies have acknowledged what follows from it; prints what the slowest took, over all times."""

import json
import sys
import time
from urllib.request import Request, urlopen

API, CONTROL_PLANE, NAMESPACE, PODS, TIMES = sys.argv[1:]
POLICIES = f"http://127.0.0.1:{API}/apis/weir.dev/v1alpha1/namespaces/{NAMESPACE}/resiliencepolicies"
POLICY = {
    "apiVersion": "weir.dev/v1alpha1",
    "kind": "ResiliencePolicy",
    "metadata": {"name": "measured"},
    "spec": {
        "targetRefs": [{"group": "", "kind": "Service", "name": "echo"}],
        "timeouts": {"request": "20s"},
    },
}


def call(method, url, body=None, kind="application/json"):
    request = Request(url, body and json.dumps(body).encode(), {"content-type": kind}, method=method)
    with urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


def routes():
    """Of each proxy: the version of its routes that is to be, and the one that it has accepted."""
    proxies = call("GET", f"http://127.0.0.1:{CONTROL_PLANE}/proxies")
    types = [proxy["types"]["routes"] for proxy in proxies if "routes" in proxy["types"]]
    return [(routes["target"], routes["acked"]) for routes in types]


def settled(before):
    now = routes()
    return len(now) >= int(PODS) and all(target == acked and target not in before for target, acked in now)


def await_settled(before):
    begun = time.monotonic()
    while not settled(before):
        if time.monotonic() - begun > 30:
            sys.exit(f"not in force after 30 s: {routes()}")
        time.sleep(0.005)


def main():
    call("POST", POLICIES, POLICY)
    await_settled(set())
    taken = []
    for i in range(int(TIMES)):
        before = {target for target, _ in routes()}
        begun = time.monotonic()
        patch = {"spec": {"timeouts": {"request": f"{21 + i}s"}}}
        call("PATCH", f"{POLICIES}/measured", patch, "application/merge-patch+json")
        await_settled(before)
        taken.append(time.monotonic() - begun)
    call("DELETE", f"{POLICIES}/measured")
    taken.sort()
    print(json.dumps({
        "changes": len(taken),
        "p50_ms": round(taken[len(taken) // 2] * 1000),
        "p99_ms": round(taken[max(0, len(taken) * 99 // 100 - 1)] * 1000),
        "max_ms": round(taken[-1] * 1000),
    }))


main()
