"""Calls xds:///TARGET so many times, and prints how often each answer came."""

import collections
import sys

import grpc

target, times = sys.argv[1], int(sys.argv[2])
with grpc.insecure_channel(target) as channel:
    say = channel.unary_unary("/test.Greeter/Say")
    answers = collections.Counter()
    for _ in range(times):
        try:
            answers[say(b"hello", timeout=20, wait_for_ready=True).decode()] += 1
        except grpc.RpcError as e:
            answers[f"{e.code()} {e.details()}"] += 1
for answer, count in sorted(answers.items()):
    print(count, answer)
