"""Ways to post one frame to many connections: ours, and those that it is compared with.

Each maker returns a function that posts so many times and measures how long that took.
"""

import asyncio
import os
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import quote

from tests.benchmarks.worker import Contender, Measured

FRAME: Final = (
    b'{"type":"score_updated","timestamp":1795360010000,"data":{"match_id":"wc-001","sequence":41,'
    b'"participant1_score":2,"participant2_score":1,"merged":3}}'
)
REGION: Final = "us-east-1"


def timed(work: Callable[[], object], count: int) -> Measured:
    """Posts per second, and per second of this process's CPU."""
    before, started_s = _cpu_s(), time.perf_counter()
    work()
    elapsed_s, cpu_s = time.perf_counter() - started_s, _cpu_s() - before
    return {
        "elapsed_ms": elapsed_s * 1_000,
        "per_second": count / elapsed_s,
        "per_cpu_second": count / cpu_s,
    }


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def connection_ids(count: int) -> list[str]:
    return [f"Uo1yz{number:07d}CEVg=" for number in range(count)]


def scorecast(url: str) -> Contender:
    """`post_all` as the wiring makes it."""
    from scorecast.domain.delivery import Delivery
    from scorecast.runtime.settings import GatewaySettings
    from scorecast.wiring import clients

    gateway = clients.gateway(GatewaySettings(gateway_endpoint=url))

    def post(count: int) -> Measured:
        ids, outcomes = connection_ids(count), {}

        def work() -> None:
            outcomes.update(gateway.post_all(ids, FRAME, time_ms_max=60_000))

        measured = timed(work, count)
        assert set(outcomes.values()) == {Delivery.DELIVERED} and len(outcomes) == count
        return measured

    return post


def scorecast_fan_out(url: str) -> Contender:
    """What follows a claim: members shuffled, posted to, counted, and sorted out."""
    from scorecast.app.post import Poster
    from scorecast.domain.publication import Posted
    from scorecast.domain.rooms import match_room
    from scorecast.runtime.settings import GatewaySettings
    from scorecast.wiring import clients, host

    gateway: Any = _Checked(clients.gateway(GatewaySettings(gateway_endpoint=url)))
    no_tasks: Any = _NoTasks()
    poster = Poster(gateway, no_tasks, no_tasks, no_tasks, host.system())
    posted, room = Posted(message=FRAME.decode(), id="m1-1"), match_room("m1")

    def post(count: int) -> Measured:
        ids = poster.shuffled(connection_ids(count))
        return timed(lambda: poster.post(ids, [posted], room=room), count)

    return post


class _Checked:
    """A gateway whose posts all have to be delivered, so that failing fast counts for nothing."""

    def __init__(self, gateway: Any) -> None:
        self._gateway = gateway

    def post_all(self, ids: Iterable[str], message: bytes, **more: Any) -> dict[str, str]:
        outcomes: dict[str, str] = self._gateway.post_all(ids, message, **more)
        assert set(outcomes.values()) == {"delivered"}, set(outcomes.values())
        return outcomes


class _NoTasks:
    """Takes the place of the follow-ups on throttled and undelivered posts: there are none."""

    def put_slow(self, connection_ids: Iterable[str]) -> None:
        assert not list(connection_ids)

    def begin(self, _: object, *, undelivered: Iterable[str], gone: Iterable[str]) -> None:
        assert not [*undelivered, *gone]


def boto3_threads(url: str, threads: str) -> Contender:
    import boto3
    from botocore.config import Config

    client = boto3.client(
        "apigatewaymanagementapi",
        endpoint_url=url,
        verify=os.environ["SSL_CERT_FILE"],
        config=Config(max_pool_connections=int(threads)),
    )
    pool = ThreadPoolExecutor(int(threads))

    def one(connection_id: str) -> None:
        client.post_to_connection(ConnectionId=connection_id, Data=FRAME)

    def post(count: int) -> Measured:
        ids = connection_ids(count)
        return timed(lambda: list(pool.map(one, ids)), count)

    return post


def aiohttp_botocore(url: str, in_flight: str) -> Contender:
    """aiohttp with botocore's signer, which is what aiobotocore would use."""
    import aiohttp
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.session import get_session
    from yarl import URL

    credentials: Any = get_session().get_credentials()
    signer = SigV4Auth(credentials, "execute-api", REGION)
    runner = asyncio.Runner()

    async def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=int(in_flight)))

    http = runner.run(session())

    async def some(ids: Iterator[str]) -> None:
        for connection_id in ids:
            target = f"{url}/@connections/{quote(connection_id, safe='')}"
            request = AWSRequest("POST", target, data=FRAME)
            signer.add_auth(request)
            headers = dict(request.headers.items())
            async with http.post(URL(target, encoded=True), data=FRAME, headers=headers) as got:
                assert got.status == 200

    async def everyone(count: int) -> None:
        ids = iter(connection_ids(count))
        await asyncio.gather(*(some(ids) for _ in range(int(in_flight))))

    return lambda count: timed(lambda: runner.run(everyone(count)), count)
