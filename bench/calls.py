"""Calls by the clock, and the app that answers them."""

import asyncio
import collections
import dataclasses
import time

LONGEST_CALL = 10
RISES = 20


@dataclasses.dataclass(frozen=True)
class Target:
    """What is called: a host by its name, at a path, by connections that are kept or by one for each call."""

    host: str
    port: int
    path: str = "/"
    kept: bool = True


class App:
    """A server that answers whatever is asked with "ok"."""

    def __init__(self):
        self.connections = set()

    async def listen(self, host, port):
        self.server = await asyncio.start_server(self.connection, host, port)
        return self.server.sockets[0].getsockname()[1]

    async def connection(self, reader, writer):
        task = asyncio.current_task()
        self.connections.add(task)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
        finally:
            self.connections.discard(task)

    async def close(self):
        """When those who call it have ended."""
        self.server.close()
        await asyncio.gather(*self.connections)


class Calls:
    """Calls of targets in turn, whether or not the answers come. What went wrong is counted by what it was."""

    def __init__(self, rate, targets):
        self.rate = rate
        self.targets = targets
        self.sent = 0
        self.wrong = collections.Counter()
        self.begin = time.monotonic()
        self.between = []  # the first and the last call that failed, in seconds from the begin
        self.idle = collections.defaultdict(list)

    async def call(self, target):
        self.sent += 1
        sent = round(time.monotonic() - self.begin)
        try:
            said = await asyncio.wait_for(self.ask(target), LONGEST_CALL)
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as e:
            said = type(e).__name__
        if said != "200":
            self.wrong[said] += 1
            self.between = [min([sent, *self.between]), max([sent, *self.between])]

    async def ask(self, target):
        pool = self.idle[target]
        reader, writer = pool.pop() if pool else await asyncio.open_connection(target.host, target.port)
        whole = False
        try:
            writer.write(b"GET %s HTTP/1.1\r\nhost: %s\r\n\r\n" % (target.path.encode(), target.host.encode()))
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = next(int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:"))
            await reader.readexactly(length)
            whole = "connection: close" not in head
        finally:
            if whole and target.kept:
                pool.append((reader, writer))
            else:
                writer.close()
        return head.split(" ")[1]

    async def warm(self):
        """A mesh that has just begun is cold: for 20 s the rate rises to what it will be, and nothing of it counts."""
        tasks = []
        begin = time.monotonic()
        for second in range(RISES):
            calls = self.rate * (second + 1) // RISES
            for i in range(calls):
                await asyncio.sleep(max(0, begin + second + i / calls - time.monotonic()))
                target = self.targets[i % len(self.targets)]
                tasks.append(asyncio.create_task(asyncio.wait_for(self.ask(target), LONGEST_CALL)))
        await asyncio.gather(*tasks, return_exceptions=True)

    async def make(self, seconds):
        """Until the last of them is answered."""
        tasks = set()
        self.begin = time.monotonic()
        for i in range(self.rate * seconds):
            await asyncio.sleep(max(0, self.begin + i / self.rate - time.monotonic()))
            task = asyncio.create_task(self.call(self.targets[i % len(self.targets)]))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.gather(*tasks)
