"""python-socketio under uvicorn (uvloop, httptools), one room, the manager in memory."""

# mypy: ignore-errors
# What it imports is installed beside, by bench/peers/install.py.

import sys

import socketio
import uvicorn

server = socketio.AsyncServer(async_mode="asgi", transports=["websocket"], logger=False, engineio_logger=False)


@server.event
async def connect(sid, environ):
    if "role=subscriber" in environ["QUERY_STRING"]:
        await server.enter_room(sid, "team")


@server.event
async def publish(_sid, message):
    await server.emit("presence", message, room="team")


uvicorn.run(
    socketio.ASGIApp(server),
    host="127.0.0.1",
    port=int(sys.argv[1]),
    log_level="error",
    backlog=4096,
    loop="uvloop",
    http="httptools",
    ws="websockets-sansio",
    ws_per_message_deflate=False,
)
