"""Sends a hundred messages over one web socket, and counts those that come back as they were: echo.py URL."""
import sys

from websockets.sync.client import connect

with connect(sys.argv[1], open_timeout=60) as socket:
    same = 0
    for n in range(100):
        message = f"message {n}" if n % 2 else bytes([n]) * 10_000
        socket.send(message)
        same += socket.recv(timeout=60) == message
print(same)
