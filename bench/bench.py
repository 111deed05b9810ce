#!/usr/bin/env python3
"""The sidecar beside Envoy, on the same bootstrap, in interleaved rounds.

Read the ratios of CPU per request. Absolute figures of one run are never compared with another's: machines drift.
Proxies share one CPU, each taking its turn; the load generator and the app share the other.
"""
import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

import tls
from proxies import HERE, NAMES, Process, Proxy, in_turn, wait_until_answers, warm

APP_H1, APP_H2 = 28080, 28082
BODY = "x" * 1024
LOADS = {
    "H1-plain": (["h1-plain.yaml"], "wrk"),
    "H1-policies": (["h1-policies.yaml"], "wrk"),
    "H2-plain": (["h2-plain.yaml"], "h2load"),
    "RBAC-100": (["rbac.yaml"], "wrk"),
    "JWT-RS256-kept": (["jwt.yaml"], "wrk"),
    "JWT-RS256-new": (["jwt.yaml"], "wrk"),
    "JWT-ES256-kept": (["jwt.yaml"], "wrk"),
    "JWT-ES256-new": (["jwt.yaml"], "wrk"),
    "TWO-HOP-mTLS": (["two-hop-server.yaml", "two-hop-client.yaml"], "wrk"),
    "TWO-HOP-mTLS-H2": (["two-hop-server.yaml", "two-hop-client.yaml"], "wrk"),
}
# Whether sessions are resumed.
HANDSHAKES = {"TLS-full": False, "TLS-resumed": True}
IDLE = "TLS-idle"
SCENARIOS = [*LOADS, *HANDSHAKES, IDLE]
# Between the two hops.
HTTP = {
    "TWO-HOP-mTLS": {"ALPN": "http/1.1", "PROTOCOL": "http_protocol_options"},
    "TWO-HOP-mTLS-H2": {"ALPN": "h2", "PROTOCOL": "http2_protocol_options"},
}
USUAL = ["H1-plain", "H1-policies", "H2-plain"]
# More of them than either proxy keeps, so that in turn each is new.
TOKENS = {"kept": 1, "new": 10_000}
# Requests in turn show the tokens of a file.
LUA = """
local requests, next = {{}}, 0
function init(arguments)
  for line in io.lines("{tokens}") do
    requests[#requests + 1] = wrk.format(nil, "/", {{authorization = "Bearer " .. line}})
  end
end
function request()
  next = next % #requests + 1
  return requests[next]
end
"""
NGINX = """
daemon off; worker_processes 1; pid {run}/nginx.pid; error_log {run}/nginx.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; default_type text/plain; client_body_temp_path {run}; proxy_temp_path {run};
  fastcgi_temp_path {run}; uwsgi_temp_path {run}; scgi_temp_path {run};
  server {{ listen 127.0.0.1:{h1}; return 200 "{body}"; }}
  server {{ listen 127.0.0.1:{h2} http2; return 200 "{body}"; }}
}}
"""


def load(tool, port, seconds, cpu, script=None):
    """Runs the load; requests, errors, p50 and p99 in microseconds."""
    url = f"http://127.0.0.1:{port}/"
    if tool == "wrk":
        command = ["wrk", "-t1", "-c64", f"-d{seconds}", "--latency"] + (["-s", script] if script else []) + [url]
    else:
        command = ["h2load", "-c16", "-m16", "-t1", f"-D{seconds}", url]
    out = subprocess.run(["taskset", "-c", str(cpu)] + command, capture_output=True, text=True, check=True).stdout
    if tool == "wrk":
        requests = int(re.search(r"(\d+) requests in", out)[1])
        bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
        sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", out)
        errors = (int(bad[1]) if bad else 0) + (sum(map(int, sockets.groups())) if sockets else 0)
        # At the start of a line: the table above them may say 87.50% of something else.
        p50, p99 = (micros(re.search(rf"^\s*{percentile}%\s+(\S+)", out, re.M)[1]) for percentile in (50, 99))
        return requests, errors, p50, p99
    total = re.search(r"requests: (\d+) total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored", out)
    mean = re.search(r"time for request:\s+\S+\s+\S+\s+(\S+)", out)
    return int(total[3]), int(total[4]) + int(total[5]), micros(mean[1]), None


def micros(text):
    value, unit = re.match(r"([\d.]+)(us|ms|s)", text).groups()
    return float(value) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]


def tokens(name, arguments, run):
    """Of a JWT scenario: the key set, and wrk's script that shows its tokens."""
    if not name.startswith("JWT-"):
        return "", None
    _, algorithm, kind = name.split("-")
    written = os.path.join(run, name)
    subprocess.run([arguments.java, os.path.join(HERE, "src/main/java/dev/weir/bench/Tokens.java"), algorithm, str(TOKENS[kind]), written], check=True)
    with open(written) as source:
        keys, *lines = source.read().splitlines()
    with open(written + ".tokens", "w") as target:
        target.write("\n".join(lines))
    with open(written + ".lua", "w") as target:
        target.write(LUA.format(tokens=written + ".tokens"))
    return keys, written + ".lua"


def rules():
    """Of which the last allows, by path and header."""
    rule = " " * 18 + "rule-{0:03}: {{permissions: [{{and_rules: {{rules: [{{header: {{name: \":method\", string_match: {{exact: GET}}}}}}, {{url_path: {{path: {{prefix: \"{1}\"}}}}}}]}}}}], principals: [{{any: true}}]}}"
    return "\n".join(rule.format(each, "/" if each == 99 else f"/part-{each}/") for each in range(100))


def scenario(name, arguments, run, log):
    templates, tool = LOADS[name]
    keys, script = tokens(name, arguments, run)
    words = {"APP_H1": APP_H1, "APP_H2": APP_H2, "JWKS": keys, "RULES": rules(), "CLIENT": tls.CLIENT, "SERVER": tls.SERVER, **HTTP.get(name, {})}
    proxies, starts, rounds = {}, {}, {proxy: [] for proxy in NAMES}
    try:
        for proxy in NAMES:
            proxies[proxy] = Proxy(proxy, templates, words, arguments, run, log)
            starts[proxy] = proxies[proxy].await_answer()
        idle = {proxy: process.rss_mib() for proxy, process in proxies.items()}
        for proxy, seconds in warm(arguments):
            load(tool, proxies[proxy].port, seconds, arguments.load_cpu, script)
        for number in range(arguments.rounds):
            for proxy in in_turn(proxies, number):
                process = proxies[proxy]
                before = process.cpu_seconds()
                requests, errors, p50, p99 = load(tool, process.port, arguments.seconds, arguments.load_cpu, script)
                spent = process.cpu_seconds() - before
                rounds[proxy].append({"cpu_us": spent * 1e6 / max(1, requests), "rps": requests / arguments.seconds, "p50_us": p50, "p99_us": p99, "errors": errors, "rss_mib": process.rss_mib()})
                print(f"  {name} round {number + 1} {proxy}: {rounds[proxy][-1]['cpu_us']:.1f} us CPU/request, {rounds[proxy][-1]['rps']:.0f} rps, {errors} errors", file=sys.stderr)
    finally:
        for process in proxies.values():
            process.stop()
    result = {"scenario": name}
    for proxy, done in rounds.items():
        result[proxy] = {key: statistics.median(each[key] for each in done) for key in done[0] if done[0][key] is not None}
        result[proxy]["errors"] = sum(each["errors"] for each in done)
        result[proxy]["start_ms"] = starts[proxy] * 1000
        result[proxy]["rss_idle_mib"] = idle[proxy]
    result["cpu_ratio"] = statistics.median(w["cpu_us"] / e["cpu_us"] for w, e in zip(rounds["weir"], rounds["envoy"]))
    result["rps_ratio"] = statistics.median(w["rps"] / e["rps"] for w, e in zip(rounds["weir"], rounds["envoy"]))
    return result


def measure(name, arguments, run, log):
    """Its results: one, or one for each version of TLS."""
    if name in HANDSHAKES:
        return [tls.handshake(name, HANDSHAKES[name], version, arguments, run, log) for version in tls.VERSIONS]
    if name == IDLE:
        return [tls.idle(name, arguments, run, log)]
    return [scenario(name, arguments, run, log)]


def tables(results):
    """Of each kind that was measured."""
    kinds = {table: [], tls.handshake_table: [], tls.idle_table: []}
    for name, of in results:
        kinds[tls.handshake_table if name in HANDSHAKES else tls.idle_table if name == IDLE else table].extend(of)
    for show, of in kinds.items():
        if of:
            show(of)


def table(results):
    print("| scenario | CPU us/request, Envoy | Weir | ratio | rps ratio | errors | RSS MiB, Envoy | Weir | first 200 ms, Envoy | Weir |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for result in results:
        envoy, weir = result["envoy"], result["weir"]
        print(
            f"| {result['scenario']} | {envoy['cpu_us']:.1f} | {weir['cpu_us']:.1f} | **{result['cpu_ratio']:.2f}** | {result['rps_ratio']:.2f} | {envoy['errors']} / {weir['errors']} "
            f"| {envoy['rss_mib']:.0f} | {weir['rss_mib']:.0f} | {envoy['start_ms']:.0f} | {weir['start_ms']:.0f} |"
        )


EPILOG = f"""scenarios:
  H1-..., H2-plain       plain requests, and policies
  RBAC-100, JWT-...      a request's authorization; tokens seen before (kept) or not (new)
  TWO-HOP-mTLS, ...-H2   two of each proxy with mutual TLS between them, HTTP/1.1 or HTTP/2; CPU and RSS of both together
  TLS-full, TLS-resumed  a handshake with certificates of both sides, a request and the end, by TLS 1.3 and by 1.2
  TLS-idle               RSS with {tls.OPEN} open connections; a proxy is started anew for each round, --seconds and --warm do nothing
Certificates are made by openssl for each run.

Others: weir bench --control-plane, weir bench --outages, weir bench --certificates; each has its --help.
Status: 0 if it could be measured, 1 if not, 2 for wrong usage.
"""


class Terminated(BaseException):
    """SIGTERM has come: as with Ctrl-C, what was begun is ended."""


def terminate(*_):
    raise Terminated


class Arguments(argparse.ArgumentParser):
    """Says what is wrong in one line, as every command does."""

    def error(self, message):
        self.exit(2, f"{self.prog}: {message}; see ./{self.prog} --help\n")


def main():
    parser = Arguments(
        prog="weir bench",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--scenarios", default=",".join(USUAL), help=f"comma-separated, of {', '.join(SCENARIOS)}; default: %(default)s")
    parser.add_argument("--rounds", type=int, default=6, help="measured rounds of each proxy; default: %(default)s")
    parser.add_argument("--seconds", type=int, default=10, help="of a round; default: %(default)s")
    parser.add_argument("--warm", type=int, default=40, help="seconds of load before the sidecar's first round; default: %(default)s")
    parser.add_argument("--proxy-cpu", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--load-cpu", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--json", help="write the results to this file")
    parser.add_argument("--envoy", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--weir", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--java", default="java", help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)  # of the arguments alone
    arguments = parser.parse_args()
    names = arguments.scenarios.split(",")
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        parser.error(f"unknown scenario {unknown[0]}; known are {', '.join(SCENARIOS)}")
    for option, least in (("rounds", 1), ("seconds", 1), ("warm", 0)):
        if getattr(arguments, option) < least:
            parser.error(f"--{option}: it must be {least} or more")
    problem = tls.room_for_connections() if IDLE in names else None
    if problem:
        parser.error(problem)
    if (os.cpu_count() or 1) < 2:
        parser.error("needs two CPUs: one for the proxy, one for the load")
    if arguments.check:
        return
    signal.signal(signal.SIGTERM, terminate)
    run = tempfile.mkdtemp(prefix="weir-bench-")
    with open(os.path.join(run, "log"), "w") as log:
        config = os.path.join(run, "nginx.conf")
        with open(config, "w") as target:
            target.write(NGINX.format(run=run, h1=APP_H1, h2=APP_H2, body=BODY))
        tls.certificates(run)
        app = Process(["nginx", "-c", config], log, arguments.load_cpu)
        try:
            wait_until_answers(f"http://127.0.0.1:{APP_H1}/", app)
            results = [(name, measure(name, arguments, run, log)) for name in names]
        except (KeyboardInterrupt, Terminated) as ended:
            shutil.rmtree(run, ignore_errors=True)  # after a failure it stays, for its log
            sys.exit(143 if isinstance(ended, Terminated) else 130)
        finally:
            app.stop()
    tables(results)
    if arguments.json:
        with open(arguments.json, "w") as target:
            json.dump([each for _, of in results for each in of], target, indent=1)
    shutil.rmtree(run)


if __name__ == "__main__":
    main()
