"""Publishes a message by one connection and gets it by another: bus.py VALUE."""
import asyncio
import sys

import nats


async def main():
    reader = await nats.connect("nats://nats:4222", connect_timeout=30, allow_reconnect=False)
    writer = await nats.connect("nats://nats:4222", connect_timeout=30, allow_reconnect=False)
    words = await reader.subscribe("words")
    await reader.flush()
    await writer.publish("words", sys.argv[1].encode())
    print((await words.next_msg(timeout=30)).data.decode())
    await writer.close()
    await reader.close()


asyncio.run(main())
