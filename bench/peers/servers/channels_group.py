"""Django Channels under uvicorn (uvloop, httptools), one group over channels-redis by publish and subscribe."""

# mypy: ignore-errors
# What it imports is installed beside, by bench/peers/install.py.

import os
import secrets
import sys

import django
import uvicorn
from django.conf import settings

settings.configure(
    DEBUG=False,
    SECRET_KEY=secrets.token_hex(),
    INSTALLED_APPS=[],
    LOGGING_CONFIG=None,
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [os.environ["REDIS_URL"]]},
        }
    },
)
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402  (Django has to be set up before)


class Team(AsyncWebsocketConsumer):
    async def connect(self):
        self.is_subscriber = self.scope["path"] == "/subscribe"
        if self.is_subscriber:
            await self.channel_layer.group_add("team", self.channel_name)
        await self.accept()

    async def receive(self, text_data=None, **_):
        if not self.is_subscriber:
            await self.channel_layer.group_send("team", {"type": "relay", "text": text_data})

    async def relay(self, event):
        await self.send(text_data=event["text"])


uvicorn.run(
    Team.as_asgi(),
    host="127.0.0.1",
    port=int(sys.argv[1]),
    log_level="error",
    backlog=4096,
    lifespan="off",
    loop="uvloop",
    http="httptools",
    ws="websockets-sansio",
    ws_per_message_deflate=False,
)
