import asyncio
import os

import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

app = FastAPI()


@app.get("/hello/{name}")
async def hello(name: str):
    return {"app": "fastapi", "hello": name}


@app.get("/call/{name}")
async def call(name: str):
    async with httpx.AsyncClient(timeout=30) as client:
        return (await client.get(f"{os.environ['UPSTREAM']}/hello/{name}")).json()


# Each event when its moment has come, as a feed has them.
@app.get("/events")
async def events():
    async def stream():
        for n in range(5):
            yield f"data: {n}\n\n"
            await asyncio.sleep(1)

    return StreamingResponse(stream(), media_type="text/event-stream")
