"""serve WORD CERTIFICATE: says WORD on each connection, in TLS at port 6432 and plainly at 9999. ask HOST:PORT [NAME]...:
what is said there to who names NAME by TLS, a line each; without a name to who speaks no TLS."""

import socket
import ssl
import sys
import threading
import time


def serve(port, word, wrap):
    listener = socket.create_server(("127.0.0.1", port))
    while True:
        connection, _ = listener.accept()
        try:
            with wrap(connection) as talk:
                talk.sendall(word.encode())
        except OSError:
            pass  # who looks whether the port is open says nothing


def hear(place, name):
    host, port = place.split(":")
    try:
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            talk = connection
            if name:
                context = ssl.create_default_context()
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                talk = context.wrap_socket(connection, server_hostname=name)
            return talk.recv(100).decode() or "closed"
    except OSError:
        return "closed"


def ask(place, name):
    """An instance may be an endpoint only now."""
    end = time.monotonic() + 15
    while (said := hear(place, name)) == "closed" and time.monotonic() < end:
        time.sleep(0.2)
    return said


if sys.argv[1] == "serve":
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[3])
    threading.Thread(target=serve, args=(9999, sys.argv[2], lambda it: it), daemon=True).start()
    print("serving", flush=True)
    serve(6432, sys.argv[2], lambda it: tls.wrap_socket(it, server_side=True))
else:
    patiently = sys.argv[1] == "ask"
    for name in sys.argv[3:] or [""]:
        print(sys.argv[2], name or "plain", (ask if patiently else hear)(sys.argv[2], name), flush=True)
