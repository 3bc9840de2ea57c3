"""Tasks that run beside a connection."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from scorecast_client.rooms import Room

RoomTasks = dict[Room, asyncio.Task[None]]


def start_once(tasks: RoomTasks, room: Room, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    if room not in tasks:
        task = tasks[room] = asyncio.create_task(work())
        task.add_done_callback(lambda _: tasks.pop(room))


async def cancel(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
