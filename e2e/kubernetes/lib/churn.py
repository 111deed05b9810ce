"""Endpoints that come and go: churn.py API NAMESPACE SERVICE SLICES ENDPOINTS SECONDS. API is where "kubectl proxy"
listens. Keeps so many EndpointSlices of so many endpoints, and makes a tenth of each others every second; prints the
addresses that are left, sorted."""

import json
import random
import sys
import time
from urllib.request import Request, urlopen

API, NAMESPACE, SERVICE = sys.argv[1:4]
SLICES, ENDPOINTS, SECONDS = (int(word) for word in sys.argv[4:])
URL = f"http://127.0.0.1:{API}/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices"


def write(method, url, number, addresses):
    body = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{SERVICE}-{number}",
            "labels": {"kubernetes.io/service-name": SERVICE},
        },
        "addressType": "IPv4",
        "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
        "endpoints": [{"addresses": [one], "conditions": {"ready": True}} for one in sorted(addresses)],
    }
    request = Request(url, json.dumps(body).encode(), {"content-type": "application/json"}, method=method)
    with urlopen(request, timeout=20) as answer:
        answer.read()


def address(chance, number):
    return f"198.18.{number}.{chance.randrange(1, 255)}"


def main():
    chance = random.Random(7)
    slices = [set() for _ in range(SLICES)]
    for number, addresses in enumerate(slices):
        while len(addresses) < ENDPOINTS:
            addresses.add(address(chance, number))
        write("POST", URL, number, addresses)
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        begun = time.monotonic()
        for number, addresses in enumerate(slices):
            for one in chance.sample(sorted(addresses), ENDPOINTS // 10):
                addresses.remove(one)
            while len(addresses) < ENDPOINTS:
                addresses.add(address(chance, number))
            write("PUT", f"{URL}/{SERVICE}-{number}", number, addresses)
        time.sleep(max(0.0, begun + 1 - time.monotonic()))
    for one in sorted(one for addresses in slices for one in addresses):
        print(one)


main()
