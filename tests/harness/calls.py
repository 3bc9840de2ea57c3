"""Every call that handlers make to AWS, one after the other; any may be an invocation's last."""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from scorecast.aws.gateway import Gateway
from scorecast.domain.delivery import Delivery


class Crash(BaseException):
    """The Lambda is no more: nothing that it would have done happens."""


@dataclass(frozen=True, slots=True)
class Death:
    """Before or after which call an invocation dies: by its name, or by its number from 1."""

    call: int | str
    is_after: bool


@dataclass
class Calls:
    """`names` are the calls made since an invocation was doomed, or since the beginning."""

    names: list[str] = field(default_factory=list)
    death: Death | None = None
    is_dead: bool = False
    has_died: bool = False
    """Whether the doomed invocation came as far as its death."""

    @contextmanager
    def doomed(self, death: Death) -> Iterator[None]:
        """An invocation that calls AWS meanwhile dies there, and makes no call after that."""
        self.names, self.death, self.is_dead, self.has_died = [], death, False, False
        try:
            yield
        finally:
            self.death, self.is_dead = None, False

    def make[T](self, name: str, call: Callable[[], T]) -> T:
        self._may_die()
        self.names.append(name)
        self._die_at(is_after=False)
        try:
            return call()
        finally:
            self._die_at(is_after=True)

    def _may_die(self) -> None:
        if self.is_dead:
            raise Crash

    def _die_at(self, *, is_after: bool) -> None:
        if self.death in (Death(len(self.names), is_after), Death(self.names[-1], is_after)):
            self.is_dead = self.has_died = True
            raise Crash


@dataclass(frozen=True, slots=True)
class Counted:
    """The gateway, each of whose posts is a call."""

    gateway: Gateway
    calls: Calls

    def post(self, connection_id: str, message: bytes) -> Delivery:
        return self.calls.make("post", lambda: self.gateway.post(connection_id, message))

    def post_all(
        self,
        connection_ids: Iterable[str],
        message: bytes,
        *,
        time_ms_max: int,
        posts_per_second: float = math.inf,
    ) -> dict[str, Delivery]:
        posts = self._posts(connection_ids)
        outcomes = self.gateway.post_all(
            posts, message, time_ms_max=time_ms_max, posts_per_second=posts_per_second
        )
        return self.calls.make("posted", lambda: outcomes)

    def _posts(self, connection_ids: Iterable[str]) -> Iterator[str]:
        """Dying between two posts is dying while they are still being read."""
        for connection_id in connection_ids:
            yield self.calls.make("post one", lambda each=connection_id: each)  # type: ignore[misc]

    def is_open(self, connection_id: str) -> bool:
        return self.calls.make("look", lambda: self.gateway.is_open(connection_id))

    def close(self, connection_id: str) -> None:
        self.calls.make("close", lambda: self.gateway.close(connection_id))


def name_of(operation: str, request: dict[str, Any]) -> str:
    """Such as `UpdateItem M#m1/M`."""
    if "Key" in request:
        key = request["Key"]
        return f"{operation} {key['pk']['S']}/{key['sk']['S']}"
    return f"{operation} {request.get('IndexName', '')}".strip()
