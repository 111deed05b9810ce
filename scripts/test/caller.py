"""What a member sees of the mesh, a line for each thing asked for: a URL, tcp:HOST:PORT, or both:URL,
which is asked until two have answered."""

import socket
import sys
import time
from urllib.request import urlopen


def tcp(host, port):
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        lines = connection.makefile("rwb")
        greeting = lines.readline().strip()
        lines.write(b"echo\n")
        lines.flush()
        return (greeting + b" " + lines.readline().strip()).decode()


def ask(what):
    if what.startswith("tcp:"):
        return tcp(*what.split(":")[1:])
    with urlopen(what, timeout=5) as response:
        return response.read().decode()


def patiently(what):
    """An instance may be an endpoint only now."""
    end = time.monotonic() + 15
    while True:
        try:
            return ask(what)
        except OSError as e:
            if time.monotonic() > end:
                return f"failed: {e}"
            time.sleep(0.2)


def both(url):
    end = time.monotonic() + 15
    answers = set()
    while len(answers) < 2 and time.monotonic() < end:
        answers.add(patiently(url))
    return answers


for what in sys.argv[1:]:
    for answer in both(what[5:]) if what.startswith("both:") else [patiently(what)]:
        print("answer", what, answer.replace("\n", " "), flush=True)
