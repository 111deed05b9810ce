"""What outages of the control plane and edits of policies cost a mesh that is called: nine services and their caller by
./weir up. The caller calls at a fixed rate, while the control plane is killed again and again and policies are
rewritten; --every 0 and --edits 0 leave out one of the two. Before that the rate rises for 20 s, and nothing counts.
Calls that failed are counted by what went wrong, and the memory of the control plane and the sidecars is read near the
begin and at the end.

Status: 0 if no call failed and all is in force at the end, 1 if not or if it cannot be measured, 2 for wrong usage.
"""

import argparse
import asyncio
import collections
import glob
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from calls import App, Calls, Target

SERVICES = 9
LOOK = 0.02
WARM = 20
COMES_UP_WITHIN = 300
ENDS_WITHIN = 60
BEGUN = "the calls begin"


# --- the apps


async def serve():
    await App().listen("127.0.0.1", 8080)
    await asyncio.Event().wait()  # the mesh ends it


async def call(rate, seconds):
    calls = Calls(rate, [Target("s%d" % i, 8080) for i in range(SERVICES)])
    await calls.warm()
    print(BEGUN, flush=True)
    await calls.make(seconds)
    print(json.dumps({"sent": calls.sent, "wrong": calls.wrong, "between": calls.between}), flush=True)
    await asyncio.Event().wait()  # the mesh ends it


# --- the mesh


SERVICE = """apiVersion: v1
kind: Service
metadata: {name: %s, namespace: default}
spec: {ports: [{name: http, port: %d}]}
"""

POLICY = """apiVersion: weir.dev/v1alpha1
kind: ResiliencePolicy
metadata: {name: s%d, namespace: default}
spec:
  targetRefs: [{group: "", kind: Service, name: s%d}]
  timeouts: {request: %dms}
"""


def write(folder, service, millis):
    """As a whole, as an editor does."""
    new = folder / "new"
    new.write_text(POLICY % (service, service, millis))
    new.rename(folder / ("s%d-policy.yaml" % service))


def services(folder, rate, seconds):
    me = [sys.executable, str(pathlib.Path(__file__).resolve())]
    known = {}
    for i in range(SERVICES):
        known["s%d" % i] = {"command": me + ["--serve"]}
        (folder / ("s%d.yaml" % i)).write_text(SERVICE % ("s%d" % i, 8080))
        write(folder, i, 5000)
    call = me + ["--call", "--rate", str(rate), "--seconds", str(seconds)]
    known["caller"] = {"command": call, "depends_on": list(known)}
    (folder / "caller.yaml").write_text(SERVICE % ("caller", 9090))
    (folder / "weir.yaml").write_text("services:\n  " + json.dumps(known) + "\n")


def rss(pid):
    """MiB; None of one that has ended."""
    try:
        for line in pathlib.Path("/proc/%s/status" % pid).read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) // 1024
    except OSError:
        pass
    return None


class Mesh:
    def __init__(self, weir, rate, seconds):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="weir-outages."))
        self.folder = self.work / "mesh"
        self.folder.mkdir()
        services(self.folder, rate, seconds)
        self.weir = weir
        self.env = dict(os.environ, XDG_RUNTIME_DIR=str(self.work))
        with (self.work / "log").open("w") as log:
            self.up = subprocess.Popen(
                [weir, "up", str(self.folder)],
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for this one, which ends it
            )
        self.log = (self.work / "log").open()
        self.tail = collections.deque(maxlen=30)
        self.begun = False
        self.said = None

    def look(self):
        """Takes what the log has more."""
        if self.up.poll() is not None:
            raise OSError("weir up has ended: " + self.log.read()[-2000:])
        for line in iter(self.log.readline, ""):
            self.tail.append(line)
            if line.startswith("caller-1"):
                self.begun |= BEGUN in line
                if '"sent"' in line:
                    self.said = json.loads(line[line.index("{") :])

    def sidecars(self):
        """MiB of each, sorted."""
        sizes = []
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                words = pathlib.Path(path).read_bytes().split(b"\0")
            except OSError:
                continue  # it has ended
            if b"dev.weir.sidecar.Main" in words and any(str(self.work).encode() in word for word in words):
                sizes.append(rss(path.split("/")[2]))
        return sorted(size for size in sizes if size is not None)

    def control_plane(self):
        """Its number; None while there is none."""
        for path in glob.glob("%s/weir-*/*/control-plane.pid" % self.work):
            try:
                pid = pathlib.Path(path).read_text().strip()
            except OSError:
                return None
            return int(pid) if pid and rss(pid) else None
        return None

    def memory(self):
        """Of the sidecars and of the control plane, which may be away just now."""
        end = time.monotonic() + ENDS_WITHIN
        while time.monotonic() < end:
            pid = self.control_plane()
            size = pid and rss(pid)
            if size:
                return self.sidecars(), size
            time.sleep(LOOK)
        raise OSError("the control plane does not come again: " + "".join(self.tail))

    def is_in_force(self):
        end = time.monotonic() + ENDS_WITHIN
        while time.monotonic() < end:
            status = subprocess.run([self.weir, "status", str(self.folder)], env=self.env, capture_output=True)
            if status.returncode == 0:
                return True
            time.sleep(1)
        return False

    def close(self):
        self.log.close()
        self.up.terminate()
        try:
            self.up.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self.up.kill()  # its members see that, and end
            self.up.wait()
        shutil.rmtree(self.work, ignore_errors=True)  # the last of them may still be at it


def due(arguments, passed):
    """Edits by then."""
    return int(min(1, passed / arguments.seconds) * arguments.edits)


def disturb(mesh, arguments, begin):
    """Until the caller has said how it went. Returns the memory in the beginning, kills and edits."""
    kills = edits = 0
    first = None
    next_kill = begin + arguments.every if arguments.every else float("inf")
    end = begin + arguments.seconds
    while mesh.said is None:
        now = time.monotonic()
        if now > end + ENDS_WITHIN:
            raise OSError("the caller does not end: " + "".join(mesh.tail))
        if first is None and now > begin + min(WARM, arguments.every or WARM, arguments.seconds) / 2:
            first = mesh.memory()
        if next_kill < now < end:
            pid = mesh.control_plane()
            if pid:
                os.kill(pid, signal.SIGKILL)
                kills += 1
                next_kill += arguments.every
        for _ in range(due(arguments, now - begin) - edits):
            write(mesh.folder, edits % SERVICES, 5000 + edits % 1000)
            edits += 1
        mesh.look()
        time.sleep(LOOK)
    return first or mesh.memory(), kills, edits


def measure(arguments):
    mesh = Mesh(arguments.weir, arguments.rate, arguments.seconds)
    try:
        end = time.monotonic() + COMES_UP_WITHIN
        while not mesh.begun:
            mesh.look()
            if time.monotonic() > end:
                raise OSError("the mesh does not come up: " + "".join(mesh.tail))
            time.sleep(LOOK)
        first, kills, edits = disturb(mesh, arguments, time.monotonic())
        last = mesh.memory()
        in_force = mesh.is_in_force()
        wrong = mesh.said["wrong"]
        failed = sum(wrong.values())
        print("%d calls, %d failed" % (mesh.said["sent"], failed))
        if failed:
            print("of those sent %d to %d s after the begin: %s" % (*mesh.said["between"], json.dumps(wrong)))
        print("control plane killed %d times; %d edits of policies" % (kills, edits))
        for when, (sizes, control) in (("in the beginning", first), ("at the end", last)):
            print("RSS %s: %d sidecars %d to %d MiB, control plane %d MiB" % (when, len(sizes), sizes[0], sizes[-1], control))
        if not in_force:
            print("weir bench: what was written last is not in force %d s later" % ENDS_WITHIN, file=sys.stderr)
        return 1 if failed or not in_force else 0
    finally:
        mesh.close()


class Arguments(argparse.ArgumentParser):
    """Says what is wrong in one line, as every command does."""

    def error(self, message):
        self.exit(2, "%s: %s; see ./%s --help\n" % (self.prog, message, self.prog))


def parse():
    parser = Arguments(
        prog="weir bench --outages", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=int, default=500, help="calls a second; default: %(default)s")
    parser.add_argument("--seconds", type=int, default=180, help="of calls; default: %(default)s")
    parser.add_argument("--every", type=int, default=10, help="seconds between two kills, 0: none; default: %(default)s")
    parser.add_argument("--edits", type=int, default=10000, help="of policies, over the time; default: %(default)s")
    for hidden in ("--serve", "--call", "--check"):
        parser.add_argument(hidden, action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--weir", default="weir", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    for name, least in (("rate", 1), ("seconds", 1), ("every", 0), ("edits", 0)):
        if getattr(arguments, name) < least:
            parser.error("--%s: it must be %d or more" % (name, least))
    return arguments


def main():
    arguments = parse()
    if arguments.check:
        return 0
    if arguments.serve:
        asyncio.run(serve())
    if arguments.call:
        asyncio.run(call(arguments.rate, arguments.seconds))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))  # what was begun is ended
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return measure(arguments)
    except OSError as e:
        print("weir bench: %s" % e, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
