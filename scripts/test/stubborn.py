"""A member under test that an interrupt does not end."""

import signal

signal.signal(signal.SIGINT, lambda *_: print("interrupted", flush=True))
print("up", flush=True)
while True:
    signal.pause()
