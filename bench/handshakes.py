"""A client of mutual TLS: connections one after the other, a request on each, eight at once, for some seconds.
Prints how many there were, how many of them resumed a session, and how many failed."""

import argparse
import json
import os
import socket
import ssl
import threading
import time

AT_ONCE = 8
LONGEST = 10
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
REQUEST = b"GET / HTTP/1.1\r\nhost: server.example\r\n\r\n"


def context(certificates, version):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = made.maximum_version = VERSIONS[version]
    made.check_hostname = False  # its name is a URI, which the other side is not called by
    made.load_verify_locations(os.path.join(certificates, "ca.crt"))
    made.load_cert_chain(os.path.join(certificates, "client.crt"), os.path.join(certificates, "client.key"))
    return made


def connect(made, port, session=None):
    plain = socket.create_connection(("127.0.0.1", port), LONGEST)
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the request does not wait for the Finished's ACK
        return made.wrap_socket(plain, server_hostname="server.example", session=session)
    except BaseException:
        plain.close()
        raise


def ask(connection):
    """Fails if the answer is not the good one."""
    connection.sendall(REQUEST)
    said = b""
    while not said.endswith(b"hello"):
        more = connection.recv(4096)
        if not more:
            break
        said += more
    if not (said.startswith(b"HTTP/1.1 200 ") and said.endswith(b"hello")):
        raise OSError("unexpected answer: %r" % said[:200])


def end(connection):
    """Says that it ends; whether the other side does, too, is not waited for."""
    connection.setblocking(False)
    try:
        connection.unwrap()
    except ssl.SSLWantReadError:
        pass


class Client(threading.Thread):
    def __init__(self, made, arguments):
        super().__init__()
        self.made, self.port, self.resume = made, arguments.port, arguments.resume
        self.end = time.monotonic() + arguments.seconds
        self.handshakes = self.resumed = self.failed = 0
        self.why = None

    def run(self):
        session = None
        while time.monotonic() < self.end:
            try:
                with connect(self.made, self.port, session) as connection:
                    ask(connection)
                    self.resumed += connection.session_reused
                    session = connection.session if self.resume else None
                    end(connection)
                self.handshakes += 1
            except OSError as e:
                self.failed += 1
                self.why = str(e)
                session = None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--version", choices=VERSIONS, required=True)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--certificates", required=True)
    arguments = parser.parse_args()
    made = context(arguments.certificates, arguments.version)
    clients = [Client(made, arguments) for _ in range(AT_ONCE)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    said = {key: sum(getattr(client, key) for client in clients) for key in ("handshakes", "resumed", "failed")}
    said["why"] = next((client.why for client in clients if client.why), None)
    print(json.dumps(said))


if __name__ == "__main__":
    main()
