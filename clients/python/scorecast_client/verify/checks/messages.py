"""Messages: answers, sizes, and what API Gateway itself refuses."""

import contextlib
import time
from typing import Final

from websockets.exceptions import ConnectionClosed

from scorecast_client.verify.check import Checks
from scorecast_client.verify.outcome import Differs, Failed, require
from scorecast_client.verify.run import Run
from scorecast_client.verify.socket import Socket

checks: Final = Checks()

LARGEST_FRAME_BYTES: Final = 32 * 1024
LARGEST_MESSAGE_BYTES: Final = 128 * 1024
TOO_LARGE_CLOSE_CODE: Final = 1009
NOT_TEXT_CLOSE_CODE: Final = 1003
CLOCK_MS_MAX: Final = 60_000


@checks.add("ping and pong", fact="The $default route's response returns the function's answer.")
def ping_and_pong(run: Run) -> str:
    reply = run.enter("ping").ask("ping", timestamp=12.5)
    require(reply["timestamp"] == 12.5, f"the timestamp came back as {reply['timestamp']}")
    apart = abs(reply["server_time"] - time.time() * 1000)
    require(apart < CLOCK_MS_MAX, f"the clocks are {apart / 1000:.0f} s apart")
    return f"the clocks are {apart:.0f} ms apart"


@checks.add("empty answer", fact="A function's answer without a body sends no message.")
def empty_answer(run: Run) -> str:
    socket = run.enter("empty")
    socket.connection.send('{"type":"pong"}')
    ident = socket.send("ping")
    reply = socket.receive(time.monotonic() + run.pace.seconds_max)
    require(reply.get("id") == ident, f"{reply} came first")
    return "no message"


@checks.add("bad message", fact="A message that is not JSON goes to $default.")
def bad_message(run: Run) -> str:
    socket = run.enter("bad")
    socket.connection.send("hello")
    error = socket.event("error")
    require(error["code"] == "invalid_json", f"{error['code']}")
    socket.ask("ping")
    return "invalid_json, and the connection goes on"


@checks.add("binary message", fact="A binary message closes the connection with 1003.")
def binary_message(run: Run) -> str:
    socket = run.enter("binary")
    socket.connection.send(b"\x00\x01")
    return _closed(run, socket, NOT_TEXT_CLOSE_CODE)


@checks.add("largest message", fact="A message of MessageBytesMax arrives whole.")
def largest_message(run: Run) -> str:
    size = min(run.target.number("MessageBytesMax"), LARGEST_FRAME_BYTES)
    socket = run.enter("largest")
    socket.connection.send('{"type":"ping","id":"largest"}'.ljust(size))
    socket.take(lambda message: message.get("id") == "largest")
    return f"{size:,} bytes"


@checks.add("frame over 32 KB", fact="A frame above 32 KB closes the connection with 1009.")
def frame_over_32_kb(run: Run) -> str:
    socket = run.enter("frame")
    socket.connection.send('{"type":"ping"}'.ljust(LARGEST_FRAME_BYTES + 1))
    return _closed(run, socket, TOO_LARGE_CLOSE_CODE)


@checks.add("message over 32 KB in frames", fact="Frames up to 32 KB are joined up to 128 KB.")
def message_over_32_kb_in_frames(run: Run) -> str:
    allowed = run.target.number("MessageBytesMax")
    size = 2 * LARGEST_FRAME_BYTES
    socket = run.enter("frames")
    text = '{"type":"ping","id":"joined"}'.ljust(size)
    socket.connection.send([text[:LARGEST_FRAME_BYTES], text[LARGEST_FRAME_BYTES:]])
    if size <= allowed:
        socket.take(lambda message: message.get("id") == "joined")
        return f"{size:,} bytes arrived"
    return f"{size:,} bytes arrived: goodbye {socket.goodbye()['code']}"


@checks.add("message over 128 KB", fact="A message above 128 KB closes the connection with 1009.")
def message_over_128_kb(run: Run) -> str:
    socket = run.enter("message")
    frames = ['{"type":"ping"}'.ljust(LARGEST_FRAME_BYTES)]
    frames += [" " * LARGEST_FRAME_BYTES] * (LARGEST_MESSAGE_BYTES // LARGEST_FRAME_BYTES)
    with contextlib.suppress(ConnectionClosed):
        socket.connection.send(frames)
    return _closed(run, socket, TOO_LARGE_CLOSE_CODE)


def _closed(run: Run, socket: Socket, expected: int) -> str:
    """The close code of API Gateway, or what came of a message that should not have arrived."""
    seen = socket.close_code()
    if seen == expected:
        return f"close code {seen}"
    found = "it stayed open" if seen is None else f"close code {seen}"
    if run.target.is_aws:
        raise Failed(f"{found}, and {expected} was expected")
    raise Differs(f"{found}, and {expected} in AWS")
