"""A control plane with its CA and two sidecars that it certifies, which call each other by mutual TLS."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request

from proxies import render

NAMES = ("caller", "callee")
STARTS_WITHIN = 60
SHOWS_WITHIN = 30
LOOK = 0.02
CONTROL_PLANE = r"ADS on 127\.0\.0\.1:(\d+), admin on http://127\.0\.0\.1:(\d+)"
SIDECAR = r"admin: 127\.0\.0\.1:(\d+)\nlistener \w+: 127\.0\.0\.1:(\d+)"
SERVICE = """apiVersion: v1
kind: Service
metadata: {name: %s, namespace: shop}
spec: {ports: [{name: http, port: 8080}]}
"""


def get(port, path):
    with urllib.request.urlopen("http://127.0.0.1:%d%s" % (port, path), timeout=5) as answer:
        return answer.read().decode()


def done(command):
    """What it has said; fails as a whole if it does."""
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if ended.returncode:
        raise OSError("%s: %s" % (" ".join(map(str, command[:2])), ended.stderr.strip()))
    return ended.stdout


class Program:
    """One of ./weir, whose log says where it is."""

    def __init__(self, words, log, said):
        self.log = log
        begun = time.monotonic()
        with log.open("w") as out:
            # Ctrl-C is for the benchmark, which ends it; if that is killed it ends, too.
            command = ["setpriv", "--pdeathsig", "KILL", "--", *words]
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        try:
            self.ports = self.await_ports(said)
            self.took = time.monotonic() - begun
        except BaseException:
            self.stop()
            raise

    def await_ports(self, said):
        end = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < end:
            found = re.search(said, self.log.read_text())
            if found:
                return [int(port) for port in found.groups()]
            if self.child.poll() is not None:
                raise OSError("the %s has ended: %s" % (self.log.stem, self.log.read_text()[-2000:]))
            time.sleep(LOOK)
        raise OSError("the %s does not come up: %s" % (self.log.stem, self.log.read_text()[-2000:]))

    def kill(self):
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def stop(self):
        self.child.terminate()
        try:
            self.child.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()


class Certified:
    def __init__(self, weir, folder, app):
        self.weir = weir
        self.folder = pathlib.Path(folder)
        self.app = app
        self.issued = 0  # by control planes that were killed
        self.listen = 0
        self.sidecars = {}
        (self.folder / "mesh").mkdir()
        for name in NAMES:
            (self.folder / "mesh" / (name + ".yaml")).write_text(SERVICE % name)
        self.come_again()
        self.listen = self.control_plane.ports[0]

    def come_again(self):
        words = [self.weir, "control-plane", "--config", self.folder / "mesh", "--listen", "127.0.0.1:%d" % self.listen]
        words += ["--admin", "127.0.0.1:0", "--state", self.folder / "state"]
        words += ["--ca", self.folder / "ca", "--token-key", self.folder / "token-key.pem"]
        self.control_plane = Program(words, self.folder / "control plane.log", CONTROL_PLANE)

    def start(self, lifetime):
        """Both sidecars anew, with certificates that last for so many seconds."""
        self.end()
        words = {"FOLDER": self.folder, "CA": self.listen, "APP": self.app, "LIFETIME": lifetime}
        for name in reversed(NAMES):  # who calls is told where the other is
            token = done([self.weir, "token", "--key", self.folder / "token-key.pem", "shop/" + name])
            (self.folder / (name + ".token")).write_text(token)
            config = render("certificates-%s.yaml" % name, words, os.path.join(self.folder, name + ".yaml"))
            self.sidecars[name] = Program([self.weir, "sidecar", "-c", config], self.folder / (name + " sidecar.log"), SIDECAR)
            words["CALLEE"] = self.sidecars[name].ports[1]
        for name, sidecar in self.sidecars.items():
            self.await_ready(name, sidecar)

    def await_ready(self, name, sidecar):
        end = time.monotonic() + STARTS_WITHIN
        why = None
        while time.monotonic() < end:
            try:
                get(sidecar.ports[0], "/ready")
                return
            except urllib.error.HTTPError as e:
                why = e.read().decode().strip()
            except OSError as e:
                why = e
            time.sleep(LOOK)
        raise OSError("the %s's sidecar does not get ready: %s" % (name, why))

    def port(self):
        """Where the caller's calls go."""
        return self.sidecars["caller"].ports[1]

    def handshakes(self):
        """That the callee's sidecar has done."""
        said = get(self.sidecars["callee"].ports[0], "/stats?filter=ssl.handshake$")
        return sum(int(line.split(": ")[1]) for line in said.splitlines())

    def ca(self):
        return json.loads(get(self.control_plane.ports[1], "/ca"))

    def certificates(self):
        """Issued so far; those that a killed one issued in its last moment may be missing."""
        return self.issued + self.ca()["issued"]

    def kill(self):
        self.issued = self.certificates()
        self.control_plane.kill()

    def put(self, files):
        """Files of the CA's folder, as wholes, in this order."""
        for name, text in files.items():
            new = self.folder / "new"
            new.touch(0o600)
            new.write_text(text)
            new.rename(self.folder / "ca" / name)

    def await_ca(self, shows, what):
        end = time.monotonic() + SHOWS_WITHIN
        while time.monotonic() < end:
            if shows(self.ca()):
                return
            time.sleep(LOOK)
        raise OSError("the control plane does not take it over that %s: %s" % (what, self.control_plane.log.read_text()[-2000:]))

    def end(self):
        for sidecar in self.sidecars.values():
            sidecar.stop()
        self.sidecars = {}

    def close(self):
        self.end()
        self.control_plane.stop()
