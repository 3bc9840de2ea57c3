"""Thousands of hostile messages through the whole of `message`: nothing stored or revealed."""

import json
from typing import Any

import pytest

from scorecast.protocol import messages
from scorecast.protocol.parsing import Malformed, parse
from tests.harness.fake_api import FakeApi
from tests.harness.socket import Socket
from tests.security.answers import id_of
from tests.security.mutants import Mutants
from tests.security.store import kept

MESSAGES = 1_200
BYTES_MAX = 16_384
REFUSED = {
    "invalid_json",
    "invalid_schema",
    "unsupported_message_type",
    "not_found",
    "forbidden",
    "stale",
    "match_not_live",
    "invalid_transition",
}


@pytest.fixture(autouse=True)
def _unhurried(fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages are dropped for their content, not for their number."""
    for scope in ("USER", "IP"):
        monkeypatch.setenv(f"MESSAGES_PER_SECOND_PER_{scope}", "1000000")
        monkeypatch.setenv(f"MESSAGE_BURST_PER_{scope}", "1000000")


def hostile(seed: int, number: int) -> list[str]:
    """Messages that are not too large, which would close the connection."""
    mutants = Mutants(seed)
    texts = [mutants.next() for _ in range(number)]
    return [each for each in texts if len(each.encode(errors="surrogatepass")) <= BYTES_MAX]


def answer_of(socket: Socket, message: str) -> dict[str, Any] | None:
    response = socket.respond(message)
    assert response.pop("statusCode") == 200
    body = response.pop("body", None)
    assert response == {}
    parsed = parse(message)
    if isinstance(parsed, Malformed):
        assert body == messages.error(parsed.rejection, parsed.id)
    if body is not None:
        assert id_of(body) == parsed.id
    return None if body is None else dict(json.loads(body))


@pytest.mark.parametrize("seed", [101, 102])
def test_a_viewer_can_change_nothing_by_hostile_messages(fake_api: FakeApi, seed: int) -> None:
    """No room exists, so no message of a spectator may have an effect, whatever it asks for."""
    viewer, bystander = fake_api.enter("u1"), fake_api.enter("u2")
    before, received = kept(fake_api), len(bystander.messages) + len(viewer.messages)

    for message in hostile(seed, MESSAGES // 2):
        answer = answer_of(viewer, message)
        if answer is not None and answer["type"] == "error":
            assert answer["code"] in REFUSED, message
        else:
            assert answer is None or answer["type"] in ("pong", "unsubscribed"), message

    assert kept(fake_api) == before
    assert len(bystander.messages) + len(viewer.messages) == received
    assert not fake_api.cloud.messages("FLUSH_QUEUE_URL")


def test_an_official_gets_no_error_of_ours_either(fake_api: FakeApi) -> None:
    """Valid messages do what they ask; no other fails halfway."""
    fake_api.register("m1", "t1")
    token = fake_api.token("u1", role="admin")
    official = fake_api.enter("u1", token=token, match_id="m1")

    for message in hostile(103, MESSAGES // 3):
        answer = answer_of_official(official, message)
        if answer is not None and answer["type"] == "error":
            assert answer["code"] in REFUSED, message


def answer_of_official(socket: Socket, message: str) -> dict[str, Any] | None:
    response = socket.respond(message)
    assert response["statusCode"] == 200
    return json.loads(response["body"]) if "body" in response else None


@pytest.mark.parametrize("text", ["x", "é", "😀", "\ud800"], ids=ascii)
def test_a_message_is_measured_in_bytes_before_parsing(fake_api: FakeApi, text: str) -> None:
    """What is too large is not parsed, and ends its connection: it would be sent again."""
    width = len(text.encode(errors="surrogatepass"))
    fits, too_large = text * (BYTES_MAX // width), text * (BYTES_MAX // width + 1)

    socket = fake_api.enter("u1")
    answer = socket.send_text(fits)
    assert answer is not None and answer["code"] == "invalid_json"
    assert socket.send_text(too_large) is None
    assert socket.goodbyes == [(4009, "payload_too_large")]
    assert fake_api.cloud.slots("U#u1") == 0


@pytest.mark.parametrize("body", [None, "", 0, [], {"type": "ping"}, b"{}"], ids=repr)
def test_a_body_that_is_not_text_is_answered(fake_api: FakeApi, body: Any) -> None:
    """API Gateway sends none such; a mock, a test or a changed integration may."""
    socket = fake_api.enter("u1")
    response = socket.respond(body)
    assert response["statusCode"] in (200, 500)
    assert "Traceback" not in response["body"] and len(response["body"]) <= 512
