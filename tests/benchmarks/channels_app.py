"""A match's room in Django Channels over Redis, as its documentation has it: run by uvicorn.

`CHANNELS_REDIS` is where Redis is. A client joins the room; what one sends is sent to all.
"""

import os
from typing import Any, Final

from django.conf import settings

ROOM: Final = "match-m1"

settings.configure(
    SECRET_KEY="for a benchmark",
    CHANNEL_LAYERS={
        "default": {
            # The faster of its two layers for groups: one connection to Redis, not one a socket.
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [os.environ["CHANNELS_REDIS"]]},
        }
    },
)

import django  # noqa: E402

django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter  # noqa: E402


class Match(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def connect(self) -> None:
        await self.channel_layer.group_add(ROOM, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(ROOM, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.channel_layer.group_send(ROOM, {"type": "score", "text": text_data})

    async def score(self, event: dict[str, Any]) -> None:
        await self.send(text_data=event["text"])


application = ProtocolTypeRouter({"websocket": Match.as_asgi()})
