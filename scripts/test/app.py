"""A member under test: HTTP on 8080 tells who answers, at /host who was
asked, at /caller what it is told of the call, TCP on 9999 speaks first and then echoes."""

import contextlib
import os
import signal
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Who(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        told = {"/host": "host", "/caller": "x-request-id,x-forwarded-for"}.get(self.path)
        body = (" ".join(self.headers[name] for name in told.split(",")) if told else str(os.getpid())).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def greet(listener):
    while True:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):  # who only looked whether it accepts
            connection.sendall(b"hello\n")
            connection.sendall(connection.recv(100))


def stop(number, _):
    print("got", signal.Signals(number).name, flush=True)
    os._exit(3)


def main():
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, stop)
    listener = socket.create_server(("", 9999))
    threading.Thread(target=greet, args=(listener,), daemon=True).start()
    server = ThreadingHTTPServer(("127.0.0.1" if "--loopback" in sys.argv else "", 8080), Who)
    print("serving", flush=True)
    server.serve_forever()


main()
