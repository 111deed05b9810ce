"""Runs a command on a terminal of its own: terminal.py STEP... -- COMMAND...

A step is <TEXT: wait until TEXT was shown, after what the steps before have waited for; >TEXT: type it, with
\\n, \\x03 and the like; or =ROWSxCOLUMNS: change the window. Ends with the command's status, or says what was shown
and is 99: when a step waits for more than a minute, or the terminal is not as it was before."""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time


def window(descriptor, rows, columns):
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def main():
    end = sys.argv.index("--")
    steps, command = sys.argv[1:end], sys.argv[end + 1 :]
    master, held = pty.openpty()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        fcntl.ioctl(held, termios.TIOCSCTTY, 0)
        for descriptor in range(3):
            os.dup2(held, descriptor)
        os.execvp(command[0], command)
    before = termios.tcgetattr(held)
    window(master, 33, 99)
    shown, seen = b"", 0

    def fail(why):
        print(f"{why}; shown:\n" + shown.decode(errors="replace"))
        os.close(master)
        sys.exit(99)

    def read(seconds):
        nonlocal shown
        if select.select([master], [], [], seconds)[0]:
            shown += os.read(master, 65536)
            return True
        return False

    for step in steps:
        kind, text = step[0], step[1:].encode().decode("unicode_escape").encode("latin-1")
        if kind == ">":
            os.write(master, text)
        elif kind == "=":
            window(master, *(int(part) for part in text.split(b"x")))
        else:
            until = time.monotonic() + 60
            while text not in shown[seen:]:
                if time.monotonic() > until:
                    fail(f"no {text!r} within a minute")
                read(0.2)
            seen = shown.index(text, seen) + len(text)
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            break
        read(0.1)
    while read(0):
        pass
    if termios.tcgetattr(held) != before:
        fail("the terminal is not as it was")
    if "WEIR_TEST_SHOW" in os.environ:
        sys.stdout.write(shown.decode(errors="replace"))
    sys.exit(os.waitstatus_to_exitcode(status))


main()
