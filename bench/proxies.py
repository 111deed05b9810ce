"""The proxies that are compared, each a process or one for each hop, on one CPU."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = ("envoy", "weir")
TICK = os.sysconf("SC_CLK_TCK")


class Process:
    """A child on one CPU, ended by its own id."""

    def __init__(self, command, log, cpu):
        self.started = time.monotonic()
        self.child = subprocess.Popen(
            ["taskset", "-c", str(cpu)] + command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )

    def cpu_seconds(self):
        with open(f"/proc/{self.child.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def rss_mib(self):
        with open(f"/proc/{self.child.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024

    def stop(self):
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def wait_until_answers(url, process, limit=30, refusal_counts=True):
    """Until there is an answer; without refusal_counts until it is a good one. The time since the process's start."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if process.child.poll() is not None:
            sys.exit(f"bench: {process.child.args} ended with status {process.child.returncode} before it answered")
        try:
            with urllib.request.urlopen(url, timeout=1):
                return time.monotonic() - process.started
        except urllib.error.HTTPError:
            if refusal_counts:
                return time.monotonic() - process.started
        except OSError:
            pass
        time.sleep(0.01)
    sys.exit(f"bench: {url} did not answer within {limit} s")


def render(template, words, path):
    with open(os.path.join(HERE, template)) as source:
        text = source.read()
    for key, value in words.items():
        text = text.replace("{{" + key + "}}", str(value))
    with open(path, "w") as target:
        target.write(text)
    return path


class Proxy:
    """A process for each template, which calls the one before it ({{PEER}}); the last is the one that is called."""

    def __init__(self, name, templates, words, arguments, run, log):
        commands = {
            "envoy": [arguments.envoy, "--concurrency", "1", "--disable-hot-restart", "-l", "error", "-c"],
            "weir": arguments.weir.split() + ["-c"],
        }
        self.hops = []
        self.port = 0
        try:
            for hop, template in enumerate(templates):
                number = NAMES.index(name) + hop * len(NAMES)
                own = {"RUN": run, "NAME": name, "PEER": self.port, "PORT": 28100 + number, "ADMIN": 28200 + number}
                config = render(template, {**words, **own}, os.path.join(run, f"{name}-{template}"))
                self.hops.append(Process(commands[name] + [config], log, arguments.proxy_cpu))
                self.port, self.admin = own["PORT"], own["ADMIN"]
                if hop < len(templates) - 1:
                    self.await_ready()
        except BaseException:
            self.stop()
            raise

    def await_ready(self):
        return wait_until_answers(f"http://127.0.0.1:{self.admin}/ready", self.hops[-1], refusal_counts=False)

    def await_answer(self):
        return wait_until_answers(f"http://127.0.0.1:{self.port}/", self.hops[-1])

    def cpu_seconds(self):
        return sum(process.cpu_seconds() for process in self.hops)

    def rss_mib(self):
        return sum(process.rss_mib() for process in self.hops)

    def stop(self):
        for process in reversed(self.hops):
            process.stop()


def in_turn(proxies, number):
    """Their names, for a round: who was first is last in the next."""
    return list(proxies) if number % 2 == 0 else list(proxies)[::-1]


def warm(arguments):
    """Each proxy with its seconds of load before the first round."""
    return [(name, seconds) for name, seconds in (("envoy", min(3, arguments.warm)), ("weir", arguments.warm)) if seconds]
