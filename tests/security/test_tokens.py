"""Every known attack on tokens through the real authorizer and the HTTP API: all refused."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import api
import authorizer
import pytest

from scorecast.domain.connections.identity import BadToken, Identity, from_context
from scorecast.protocol.limits import (
    REFRESH_GRACE_SECONDS,
    SECRET_CACHE_SECONDS,
    TICKET_SECONDS,
    TOKEN_LEEWAY_SECONDS,
)
from scorecast.wiring import tables
from tests import examples
from tests.examples import SECRET
from tests.harness.fake_api import FakeApi
from tests.security.attacks import CURVES, PUBLIC_KEYS, SHARED_SECRET, Attack
from tests.security.forgery import (
    CLAIMS,
    HEADER,
    NOW_S,
    hs256,
    key_set,
    keys,
    rs256_by,
    signed,
    with_claims,
    with_header,
)
from tests.security.store import kept

NEXT_SECRET = "the next secret of thirty-two bytes or more"


class _Provider(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps(key_set()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: no test asks who asked."""


@contextmanager
def providing() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Provider) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/keys"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A provider that publishes its keys; where."""
    with providing() as url:
        yield url


def verified_with(algorithm: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_ALGORITHM", algorithm)
    monkeypatch.setenv("JWKS_URL", url)
    # Plain http is for the local cloud alone.
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)


def event_with(token: str) -> dict[str, Any]:
    event = examples.event("authorizer")
    event["queryStringParameters"] = {"token": token}
    return event


def status_over_http(fake_api: FakeApi, token: str) -> int:
    event = examples.event("http")
    event["headers"]["authorization"] = f"Bearer {token}"
    return int(api.handler(event, fake_api.cloud.context)["statusCode"])


def assert_refused(fake_api: FakeApi, token: str) -> None:
    assert fake_api.authorize(event_with(token)) == (401, {})
    assert status_over_http(fake_api, token) in (401, 404 if token.strip() != token else 401)


def test_there_are_as_many_attacks_as_the_list_says() -> None:
    attacks = [*SHARED_SECRET, *PUBLIC_KEYS, *CURVES]
    assert len(attacks) > 200
    assert all(attack.source for attack in attacks)
    for group in (SHARED_SECRET, PUBLIC_KEYS, CURVES):
        names = [attack.name for attack in group]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("attack", SHARED_SECRET, ids=str)
def test_no_attack_on_a_shared_secret_gets_in(fake_api: FakeApi, attack: Attack) -> None:
    assert_refused(fake_api, attack.token)


@pytest.mark.parametrize("attack", PUBLIC_KEYS, ids=str)
def test_no_attack_on_a_key_set_gets_in(
    fake_api: FakeApi, provider: str, monkeypatch: pytest.MonkeyPatch, attack: Attack
) -> None:
    verified_with("RS256", provider, monkeypatch)
    assert_refused(fake_api, attack.token)


@pytest.mark.parametrize("attack", CURVES, ids=str)
def test_no_attack_on_a_curve_gets_in(
    fake_api: FakeApi, provider: str, monkeypatch: pytest.MonkeyPatch, attack: Attack
) -> None:
    verified_with("ES256", provider, monkeypatch)
    assert_refused(fake_api, attack.token)


def test_no_attack_renews_a_connection(fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    for scope in ("USER", "IP"):
        monkeypatch.setenv(f"MESSAGE_BURST_PER_{scope}", "1000000")
    socket = fake_api.enter("u1")
    before = kept(fake_api)
    for attack in SHARED_SECRET[::4]:
        answer = socket.command("refresh", token=attack.token)
        assert answer is None or answer["code"] in ("forbidden", "invalid_schema", "invalid_json")
    assert {**kept(fake_api)} == before


GOOD = {
    "plain": lambda: hs256(HEADER),
    "without typ": lambda: hs256({"alg": "HS256"}),
    "typed as an access token": lambda: with_header(typ="application/at+jwt"),
    "with a kid": lambda: with_header(kid="2026-11"),
    "with all claims": lambda: with_claims(
        name="Ann Ω", role="admin", tournaments=["t1"], nbf=NOW_S, iat=NOW_S, jti="x"
    ),
    "of several audiences": lambda: with_claims(aud=["other", "scorecast"]),
    "with a broken second": lambda: with_claims(exp=NOW_S + 0.5),
    "just expired": lambda: with_claims(exp=NOW_S - TOKEN_LEEWAY_SECONDS + 1),
    "just not begun": lambda: with_claims(nbf=NOW_S + TOKEN_LEEWAY_SECONDS),
    "with claims that we do not know": lambda: with_claims(azp="app", scope="a b", acr=[1, {}]),
    "without a name": lambda: with_claims(name=None, role=None),
}


@pytest.mark.parametrize("token", GOOD.values(), ids=GOOD.keys())
def test_a_good_token_gets_in(fake_api: FakeApi, token: Any) -> None:
    status, context = fake_api.authorize(event_with(token()))
    assert (status, context["user_id"]) == (200, "u1")
    assert status_over_http(fake_api, token()) == 404  # there is no such match


def test_good_tokens_of_a_provider_get_in(
    fake_api: FakeApi, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified_with("RS256", provider, monkeypatch)
    token = rs256_by(keys().rsa, {"kid": "rsa"})
    assert fake_api.authorize(event_with(token))[0] == 200
    assert status_over_http(fake_api, token) == 404


def test_a_good_token_on_a_curve_gets_in(
    fake_api: FakeApi, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified_with("ES256", provider, monkeypatch)
    token = signed("ES256", keys().ec, kid="ec")
    assert fake_api.authorize(event_with(token))[0] == 200


def test_without_the_provider_unknown_keys_are_refused(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failing closed: neither admitted nor informed that the token is bad."""
    verified_with("RS256", "http://127.0.0.1:1/keys", monkeypatch)
    with pytest.raises(authorizer.Unavailable):
        fake_api.authorize(event_with(rs256_by(keys().rsa, {"kid": "rsa"})))


@pytest.mark.parametrize("secret", ["", "secret", "x" * 31], ids=len)
def test_a_weak_secret_accepts_no_token(fake_api: FakeApi, secret: str) -> None:
    """RFC 8725 §3.5, RFC 7518 §3.2: the service does not start with one."""
    fake_api.cloud.api.secrets["arn:jwt", "AWSCURRENT"] = secret
    token = hs256(HEADER, CLAIMS, secret)
    with pytest.raises(authorizer.Unavailable):
        fake_api.authorize(event_with(token))
    assert status_over_http(fake_api, token) == 500


def test_both_secrets_of_a_rotation_are_good_until_it_is_over(fake_api: FakeApi) -> None:
    secrets = fake_api.cloud.api.secrets
    secrets |= {("arn:jwt", "AWSCURRENT"): NEXT_SECRET, ("arn:jwt", "AWSPREVIOUS"): SECRET}
    before, after = hs256(HEADER), hs256(HEADER, CLAIMS, NEXT_SECRET)
    assert fake_api.authorize(event_with(before))[0] == 200
    assert fake_api.authorize(event_with(after))[0] == 200

    del secrets["arn:jwt", "AWSPREVIOUS"]
    fake_api.wait(SECRET_CACHE_SECONDS + 1)
    assert fake_api.authorize(event_with(before))[0] == 401
    assert fake_api.authorize(event_with(after))[0] == 200


def test_a_token_that_expires_in_mid_connection_ends_it(fake_api: FakeApi) -> None:
    """ASVS 7.4.1: no command is executed then, and without a newer token the connection ends."""
    fake_api.register("m1")
    socket = fake_api.enter(
        "u1", token=fake_api.token("u1", seconds=60, role="admin"), match_id="m1"
    )
    assert socket.ask("match_start", match_id="m1")["type"] == "accepted"

    fake_api.wait(60)
    for kind in ("ping", "match_start", "subscribe", "unsubscribe"):
        assert socket.ask(kind, match_id="m1")["code"] == "token_expired"
    fake_api.wait(REFRESH_GRACE_SECONDS + 1)
    assert socket.command("ping") is None
    assert socket.goodbyes == [(4001, "token_expired")]


def test_a_newer_token_of_another_user_renews_nothing(fake_api: FakeApi) -> None:
    socket = fake_api.enter("u1", token=fake_api.token("u1", seconds=60))
    assert socket.ask("refresh", token=fake_api.token("u2"))["code"] == "forbidden"
    assert socket.ask("refresh", token=fake_api.token("u1"))["type"] == "refreshed"


def test_an_old_token_is_good_for_no_more_connections_than_the_user_may_have(
    fake_api: FakeApi,
) -> None:
    """RFC 8725 knows no replay of tokens: a stolen one opens what its holder could."""
    token = fake_api.token("u1")
    assert [fake_api.connect("u1", token=token).status for _ in range(4)] == [200, 200, 200, 429]


# One-time tickets


def bought(fake_api: FakeApi, user_id: str = "u1", **claims: Any) -> str:
    return fake_api.ticket(fake_api.token(user_id, **claims))


def spent(fake_api: FakeApi, ticket: str, **query: str) -> tuple[int, dict[str, str]]:
    event = examples.event("authorizer")
    event["queryStringParameters"] = {"ticket": ticket, **query}
    return fake_api.authorize(event)


def test_a_ticket_is_good_once(fake_api: FakeApi) -> None:
    ticket = bought(fake_api)
    assert spent(fake_api, ticket)[1]["user_id"] == "u1"
    assert spent(fake_api, ticket) == (401, {})


@pytest.mark.parametrize("copies", [2, 16])
def test_of_races_for_one_ticket_one_is_won(fake_api: FakeApi, copies: int) -> None:
    """ASVS 15.4.2: through the authorizer, and past it at the ticket itself."""
    ticket = bought(fake_api)
    with ThreadPoolExecutor(copies) as pool:
        outcomes = list(pool.map(lambda _: spent(fake_api, ticket)[0], range(copies)))
    assert sorted(outcomes) == [200] + [401] * (copies - 1)

    ticket, tickets = bought(fake_api), tables.tickets(fake_api.cloud.settings)
    with ThreadPoolExecutor(copies) as pool:
        holders = list(pool.map(lambda _: tickets.redeem(ticket), range(copies)))
    assert sum(isinstance(holder, Identity) for holder in holders) == 1
    assert sum(isinstance(holder, BadToken) for holder in holders) == copies - 1


def test_a_ticket_is_worthless_after_a_minute(fake_api: FakeApi) -> None:
    ticket, other = bought(fake_api), bought(fake_api)
    fake_api.wait(TICKET_SECONDS - 1)
    assert spent(fake_api, other)[0] == 200
    fake_api.wait(1)
    assert spent(fake_api, ticket) == (401, {})


def test_a_ticket_gives_its_owners_identity(fake_api: FakeApi) -> None:
    """Brought with another's token it is still the buyer's, and no more than the buyer may do."""
    ticket = bought(fake_api, "u2", tournaments=["t1"])
    status, context = spent(fake_api, ticket, token=fake_api.token("u1", role="admin"))
    assert status == 200
    identity = from_context(context)
    assert (identity.user_id, identity.role, identity.tournaments) == ("u2", None, ("t1",))


def test_a_ticket_outlives_its_buyers_token_in_no_way(fake_api: FakeApi) -> None:
    """A connection made with a ticket ends when the token that bought it does."""
    ticket = bought(fake_api, exp=NOW_S + 5)
    context = spent(fake_api, ticket)[1]
    assert context["expires_at_ms"] == str((NOW_S + 5) * 1_000)


@pytest.mark.parametrize(
    "ticket", ["", " ", "x", "K#x", "x" * 64, "x" * 65, "x" * 9_000, "\x00", "\ud800", "é", "a b"]
)
def test_what_was_never_issued_is_refused(fake_api: FakeApi, ticket: str) -> None:
    bought(fake_api)
    assert spent(fake_api, ticket) == (401, {})


def test_a_bad_ticket_is_not_forgiven_for_a_good_token(fake_api: FakeApi) -> None:
    assert spent(fake_api, "x" * 32, token=fake_api.token("u1")) == (401, {})


def test_tickets_cannot_be_guessed(fake_api: FakeApi) -> None:
    """192 bits of chance each, of which the table holds a hash."""
    tickets = [bought(fake_api, f"u{number}") for number in range(50)]
    assert len({ticket[:8] for ticket in tickets}) == 50
    assert all(len(ticket) == 32 for ticket in tickets)
    items = str(kept(fake_api))
    assert not [ticket for ticket in tickets if ticket in items]
