"""Reads server-sent events: how many, and whether they came one by one: events.py URL."""
import sys
import time

import httpx

came = []
with httpx.stream("GET", sys.argv[1], timeout=60) as response:
    for line in response.iter_lines():
        if line.startswith("data: "):
            came.append(time.monotonic())
# They are sent within four seconds; what is held back comes at once.
print(len(came), "one by one" if came[-1] - came[0] > 2 else "at once")
