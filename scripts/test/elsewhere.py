"""A member under test that listens where it is told: ADDRESS PORT, the address "own" being its host's."""

import socket
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Found(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"found")

    def log_message(self, *_):
        pass


class Server(HTTPServer):
    address_family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET

    def server_bind(self):
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        super().server_bind()


address = socket.gethostbyname(socket.gethostname()) if sys.argv[1] == "own" else sys.argv[1]
server = Server((address, int(sys.argv[2])), Found)
print("serving", flush=True)
server.serve_forever()
