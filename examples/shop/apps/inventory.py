"""The shop's stock. It passes on the trace header (it calls nobody, so there is nothing to pass on).

Run it with: python3 inventory.py
To break it: GET /fault?every=5 fails each fifth request, every=1 all, every=0 none.
"""

import json
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

STOCK = {"apples": 12, "pears": 7}


class Fault:
    """Which requests fail."""

    def __init__(self):
        self.lock = threading.Lock()
        self.every = 0
        self.seen = 0

    def set(self, every):
        with self.lock:
            self.every = every
            self.seen = 0

    def strikes(self):
        with self.lock:
            self.seen += 1
            return self.every > 0 and self.seen % self.every == 0


FAULT = Fault()


class Inventory(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A head and its body are one write: else the second waits for the first one's acknowledgement.
    wbufsize = -1

    def do_GET(self):
        target = urlsplit(self.path)
        if target.path == "/fault":
            return self.fault(parse_qs(target.query))
        if FAULT.strikes():
            return self.answer(503, {"error": "out of order"})
        return self.answer(200, STOCK)

    def fault(self, query):
        try:
            every = int(query["every"][0])
        except (KeyError, ValueError):
            return self.answer(400, {"error": "every=N: each Nth request fails, 0: none"})
        FAULT.set(every)
        return self.answer(200, {"every": every})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Who asked what is the sidecar's to log."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main():
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: sys.exit(0))
    server = Server(("", 8080), Inventory)
    print("inventory: http://localhost:8080/", flush=True)
    server.serve_forever()


main()
