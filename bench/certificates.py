"""What the renewal of certificates costs those who call: two services whose sidecars speak mutual TLS, certified by a
control plane for seconds only. The caller calls at a fixed rate, a fifth of the calls each on a connection of its own,
between the sidecars too. Before each part the rate rises for 20 s, and nothing counts.

First the mesh's root is changed meanwhile as docs/identity.md has it: both roots, the new one signs, the old one is
taken out; each step has a fifth of the time, which is a certificate's at least. Then certificates last twice as long,
and the control plane is killed again and again at random moments, and away for 0.45 of a certificate's time.

Calls that failed are counted by what went wrong, and certificates and handshakes between the sidecars are counted.

Status: 0 if no call failed, 1 if one did or if it cannot be measured, 2 for wrong usage.
"""

import argparse
import asyncio
import json
import pathlib
import random
import signal
import sys
import tempfile
import time

from calls import App, Calls, Target
from certified import Certified, done

# Of a certificate's time.
AWAY = 0.45
BACK = (0.25, 0.75)
STEPS = 5
SHORTEST = 10
LONGEST = 12 * 3600


class Part:
    """Counts from when it begins."""

    def __init__(self, mesh, rate):
        self.mesh = mesh
        kept = Target("127.0.0.1", mesh.port(), "/")
        once = Target("127.0.0.1", mesh.port(), "/once", kept=False)
        self.calls = Calls(rate, [kept] * 4 + [once])
        self.issued = self.handshakes = 0

    async def run(self, seconds, disturb):
        await self.calls.warm()
        issued, handshakes = self.mesh.certificates(), self.mesh.handshakes()
        making = asyncio.create_task(self.calls.make(seconds))
        try:
            await asyncio.gather(making, disturb())
        finally:
            making.cancel()
        self.issued, self.handshakes = self.mesh.certificates() - issued, self.mesh.handshakes() - handshakes

    def say(self, what):
        failed = sum(self.calls.wrong.values())
        counts = (self.calls.sent, failed, self.issued, self.handshakes)
        print("%s: %d calls, %d failed, %d certificates issued, %d handshakes" % (what, *counts))
        if failed:
            print("of those sent %d to %d s after the begin: %s" % (*self.calls.between, json.dumps(self.calls.wrong)))
        sys.stdout.flush()
        return failed


def new_root(folder):
    """Key and certificate of another root, in PEM."""
    key, certificate = folder / "root.key", folder / "root.crt"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
    words += ["-subj", "/O=cluster.local/CN=another root", "-addext", "keyUsage=critical,keyCertSign,cRLSign"]
    done(words + ["-keyout", key, "-out", certificate])
    return key.read_text(), certificate.read_text()


async def root(mesh, seconds):
    """Both, then the new one signs, then it is alone."""
    old = (mesh.folder / "ca" / "root-cert.pem").read_text()
    key, new = new_root(mesh.folder)
    steps = (
        ({"root-cert.pem": old + new}, lambda ca: len(ca["roots"]) == 2, "there are two roots"),
        ({"ca-key.pem": key, "ca-cert.pem": new}, lambda ca: ca["signs"] == ca["roots"][-1], "the new root signs"),
        ({"root-cert.pem": new}, lambda ca: len(ca["roots"]) == 1, "there is one root"),
    )
    for files, shows, what in steps:
        await asyncio.sleep(seconds / STEPS)
        mesh.put(files)
        await asyncio.to_thread(mesh.await_ca, shows, what)


def plan(kills, lifetime):
    """Seconds from one's coming back, or the begin, to the next kill."""
    return [random.uniform(*BACK) * lifetime for _ in range(kills)]


async def outages(mesh, waits, lifetime):
    """The time that each was away: it is started as long before that is over as the last start took."""
    away = []
    for wait in waits:
        await asyncio.sleep(wait)
        killed = time.monotonic()
        await asyncio.to_thread(mesh.kill)
        await asyncio.sleep(max(0, AWAY * lifetime - mesh.control_plane.took - (time.monotonic() - killed)))
        await asyncio.to_thread(mesh.come_again)
        away.append(time.monotonic() - killed)
    return away


async def changed_root(mesh, arguments):
    mesh.start(arguments.lifetime)
    part = Part(mesh, arguments.rate)
    await part.run(arguments.seconds, lambda: root(mesh, arguments.seconds))
    return part.say("%d s with certificates of %d s, the root changed" % (arguments.seconds, arguments.lifetime))


async def ca_away(mesh, arguments):
    lifetime = 2 * arguments.lifetime
    mesh.start(lifetime)
    part = Part(mesh, arguments.rate)
    waits = plan(arguments.kills, lifetime)
    # To the end of a certificate that could not be renewed for the last time.
    seconds = round(sum(waits) + (arguments.kills * AWAY + 1) * lifetime)
    away = []

    async def disturb():
        away.extend(await outages(mesh, waits, lifetime))

    await part.run(seconds, disturb)
    what = "%d s with certificates of %d s, the control plane killed %d times and away for %.1f to %.1f s"
    return part.say(what % (seconds, lifetime, len(away), min(away), max(away)))


async def measure(arguments):
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    app = App()
    port = await app.listen("127.0.0.1", 0)
    with tempfile.TemporaryDirectory(prefix="weir-certificates.", ignore_cleanup_errors=True) as folder:
        mesh = Certified(arguments.weir, pathlib.Path(folder), port)
        try:
            failed = await changed_root(mesh, arguments) if arguments.seconds else 0
            failed += await ca_away(mesh, arguments) if arguments.kills else 0
        finally:
            mesh.close()
            await app.close()
    return 1 if failed else 0


class Arguments(argparse.ArgumentParser):
    """Says what is wrong in one line, as every command does."""

    def error(self, message):
        self.exit(2, "%s: %s; see ./%s --help\n" % (self.prog, message, self.prog))


def parse():
    parser = Arguments(
        prog="weir bench --certificates", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=int, default=500, help="calls a second; default: %(default)s")
    parser.add_argument("--lifetime", type=int, default=20, help="seconds that a certificate lasts; default: %(default)s")
    parser.add_argument(
        "--seconds", type=int, default=300, help="of calls while the root is changed, 0: without that; default: %(default)s"
    )
    parser.add_argument("--kills", type=int, default=8, help="of the control plane, 0: none; default: %(default)s")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--weir", default="weir", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    for name, least in (("rate", 1), ("lifetime", SHORTEST), ("seconds", 0), ("kills", 0)):
        if getattr(arguments, name) < least:
            parser.error("--%s: it must be %d or more" % (name, least))
    if arguments.lifetime > LONGEST:
        parser.error("--lifetime: it must be %d or less, which is half of what the CA gives" % LONGEST)
    if 0 < arguments.seconds < STEPS * arguments.lifetime:
        least = STEPS * arguments.lifetime
        parser.error("--seconds: it must be %d or more with certificates of %d s, or 0" % (least, arguments.lifetime))
    if not arguments.seconds and not arguments.kills:
        parser.error("--seconds 0 and --kills 0: nothing is left to measure")
    return arguments


def main():
    arguments = parse()
    if arguments.check:
        return 0
    try:
        return asyncio.run(measure(arguments))
    except KeyboardInterrupt:
        return 130
    except asyncio.CancelledError:
        return 143
    except OSError as e:
        print("weir bench: %s" % e, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
