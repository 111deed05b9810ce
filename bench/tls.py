"""TLS beside Envoy: what a handshake costs, full and resumed, and what open connections keep."""

import json
import os
import resource
import statistics
import subprocess
import sys
import time

import handshakes
from proxies import HERE, NAMES, Proxy, in_turn, warm

CLIENT = "spiffe://cluster.local/ns/default/sa/client"
SERVER = "spiffe://cluster.local/ns/default/sa/server"
VERSIONS = {"1.3": "TLSv1_3", "1.2": "TLSv1_2"}
OPEN = 1000
# Beside them what else is open in a process.
FILES = OPEN + 200
# What it took to get there is given back by then.
SETTLES = 3


def openssl(*words):
    done = subprocess.run(["openssl", *words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: openssl {words[0]}: {done.stderr.strip()}")


def certificates(run):
    """A CA of P-256 and what it certifies for both sides, for a day: NAME.crt and NAME.key in the folder."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    files = {name: os.path.join(run, name) for name in ("ca", "client", "server")}
    openssl("req", "-x509", *key, "-days", "1", "-subj", "/CN=ca", "-keyout", files["ca"] + ".key", "-out", files["ca"] + ".crt")
    for name, identity in (("client", CLIENT), ("server", SERVER)):
        at = files[name]
        openssl("req", "-new", *key, "-subj", f"/CN={name}", "-addext", f"subjectAltName=URI:{identity}", "-keyout", at + ".key", "-out", at + ".csr")
        signed = ["-CA", files["ca"] + ".crt", "-CAkey", files["ca"] + ".key", "-CAcreateserial", "-copy_extensions", "copy"]
        openssl("x509", "-req", "-in", at + ".csr", *signed, "-days", "1", "-out", at + ".crt")


def room_for_connections():
    """Raises the limit of open files, which the proxies inherit; says what is wrong if it cannot."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < FILES:
        if hard != resource.RLIM_INFINITY and hard < FILES:
            return f"TLS-idle: needs {FILES} open files, and the limit is {hard}; raise it (ulimit -Hn {FILES})"
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, hard))
    return None


def start(name, version, arguments, run, log):
    proxy = Proxy(name, ["tls.yaml"], {"TLS": VERSIONS[version], "CLIENT": CLIENT}, arguments, run, log)
    try:
        proxy.await_ready()
    except BaseException:
        proxy.stop()
        raise
    return proxy


def load(port, version, resume, seconds, arguments, run):
    """Of a client on its own CPU: handshakes, and those that failed or were of the other kind."""
    command = [sys.executable, os.path.join(HERE, "handshakes.py"), "--port", str(port), "--seconds", str(seconds)]
    command += ["--version", version, "--certificates", run] + (["--resume"] if resume else [])
    pinned = ["taskset", "-c", str(arguments.load_cpu)] + command
    said = json.loads(subprocess.run(pinned, stdout=subprocess.PIPE, text=True, check=True).stdout)
    if said["why"]:
        print(f"  a handshake failed: {said['why']}", file=sys.stderr)
    # Before there is a session to resume each of those at once makes one.
    first = min(handshakes.AT_ONCE, said["handshakes"]) if resume else 0
    other = said["handshakes"] - said["resumed"] - first if resume else said["resumed"]
    return said["handshakes"], said["failed"] + max(0, other)


def handshake(name, resume, version, arguments, run, log):
    proxies, rounds = {}, {proxy: [] for proxy in NAMES}
    try:
        for proxy in NAMES:
            proxies[proxy] = start(proxy, version, arguments, run, log)
        for proxy, seconds in warm(arguments):
            load(proxies[proxy].port, version, resume, seconds, arguments, run)
        for number in range(arguments.rounds):
            for proxy in in_turn(proxies, number):
                before = proxies[proxy].cpu_seconds()
                done, errors = load(proxies[proxy].port, version, resume, arguments.seconds, arguments, run)
                spent = proxies[proxy].cpu_seconds() - before
                rounds[proxy].append({"cpu_us": spent * 1e6 / max(1, done), "per_cpu_second": done / max(spent, 0.01), "errors": errors})
                print(f"  {name} TLS {version} round {number + 1} {proxy}: {rounds[proxy][-1]['cpu_us']:.0f} us CPU/handshake, {done} handshakes, {errors} errors", file=sys.stderr)
    finally:
        for each in proxies.values():
            each.stop()
    result = {"scenario": f"{name}, TLS {version}"}
    for proxy, done in rounds.items():
        result[proxy] = {key: statistics.median(each[key] for each in done) for key in ("cpu_us", "per_cpu_second")}
        result[proxy]["errors"] = sum(each["errors"] for each in done)
    result["ratio"] = statistics.median(w["per_cpu_second"] / e["per_cpu_second"] for w, e in zip(rounds["weir"], rounds["envoy"]))
    return result


def hold(name, arguments, run, log):
    """RSS before connections are opened, and with all open, each of which has asked once."""
    proxy = start(name, "1.3", arguments, run, log)
    connections = []
    try:
        before = proxy.rss_mib()
        made = handshakes.context(run, "1.3")
        for _ in range(OPEN):
            connections.append(handshakes.connect(made, proxy.port))
            handshakes.ask(connections[-1])
        time.sleep(SETTLES)
        return before, proxy.rss_mib()
    except OSError as e:
        sys.exit(f"bench: TLS-idle: connection {len(connections)} to {name}: {e}")
    finally:
        for connection in connections:
            connection.close()
        proxy.stop()


def idle(name, arguments, run, log):
    rounds = {proxy: [] for proxy in NAMES}
    for number in range(arguments.rounds):
        for proxy in in_turn(NAMES, number):
            before, after = hold(proxy, arguments, run, log)
            rounds[proxy].append({"before_mib": before, "after_mib": after, "kib_each": (after - before) * 1024 / OPEN})
            print(f"  {name} round {number + 1} {proxy}: RSS {before:.0f} MiB, {after:.0f} MiB with {OPEN} connections", file=sys.stderr)
    result = {"scenario": name}
    for proxy, done in rounds.items():
        result[proxy] = {key: statistics.median(each[key] for each in done) for key in done[0]}
    return result


def handshake_table(results):
    print("| scenario | CPU us/handshake, Envoy | Weir | handshakes a CPU-second, Envoy | Weir | ratio | errors |")
    print("|---|---|---|---|---|---|---|")
    for result in results:
        envoy, weir = result["envoy"], result["weir"]
        print(
            f"| {result['scenario']} | {envoy['cpu_us']:.0f} | {weir['cpu_us']:.0f} | {envoy['per_cpu_second']:.0f} | {weir['per_cpu_second']:.0f} "
            f"| **{result['ratio']:.2f}** | {envoy['errors']} / {weir['errors']} |"
        )


def idle_table(results):
    print(f"| scenario | RSS MiB before, Envoy | Weir | with {OPEN} connections, Envoy | Weir | KiB each, Envoy | Weir |")
    print("|---|---|---|---|---|---|---|")
    for result in results:
        envoy, weir = result["envoy"], result["weir"]
        print(
            f"| {result['scenario']} | {envoy['before_mib']:.0f} | {weir['before_mib']:.0f} | {envoy['after_mib']:.0f} | {weir['after_mib']:.0f} "
            f"| {envoy['kib_each']:.1f} | {weir['kib_each']:.1f} |"
        )
