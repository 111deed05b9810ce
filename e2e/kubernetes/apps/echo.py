"""Answers each request with what it was asked, as JSON: echo.py [PORT]. GET /status/CODE has that status."""

import http.server
import json
import os
import signal
import sys


class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = self.path.split("?")[0].split("/")
        status = int(parts[2]) if parts[1] == "status" and parts[2:] else 200
        said = json.dumps({
            "app": "python",
            "host": os.uname().nodename,
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": body.decode(errors="replace"),
        }).encode() + b"\n"
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer


signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
http.server.ThreadingHTTPServer(("", int(sys.argv[1]) if sys.argv[1:] else 8080), Echo).serve_forever()
