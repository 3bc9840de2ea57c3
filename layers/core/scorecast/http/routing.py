"""Which function answers a request, by its method and path. The OpenAPI document reads this table.

Powertools' APIGatewayHttpResolver is not used. A cold start of `api` takes about 1.5 times that of
boto3 with its DynamoDB client, which is its limit; the resolver adds 0.25, its validation as much
again. It also answers 404 where an id has a control character, and accepts methods in lower case;
here they are 422 and 405.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from scorecast.protocol.errors import Code
from scorecast.protocol.limits import BODY_BYTES_MAX

_PARAMETER: Final = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation: `perform(call, *path parameters, body)`, whose annotations describe it.

    `codes` are the rejections that other routes do not share. A public route takes no token and
    gets the request itself; an anonymous one may have a token and needs none. A large route's
    response is expensive to make and to send, so it has its own rate limit. A report may use its
    sender's reserve when other requests have used up the rate limit. `if_match` and `makes_event`
    say that it supports `If-Match` or `Idempotency-Key`.
    """

    method: str
    path: str
    perform: Callable[..., Any]
    codes: tuple[Code, ...] = ()
    public: bool = False
    anonymous: bool = False
    large: bool = False
    report: bool = True
    if_match: bool = False
    makes_event: bool = False
    body_bytes_max: int = BODY_BYTES_MAX
    query: tuple[str, ...] = ()
    """The query parameters that the route reads."""
    tag: Callable[..., str | None] | None = None
    """Called like `perform`, before it: the entity tag, if it is cheaper than the body."""

    @property
    def name(self) -> str:
        name: str = self.perform.__name__
        return name

    @property
    def parameters(self) -> list[str]:
        return _PARAMETER.findall(self.path)

    @property
    def bodies(self) -> tuple[type[Any], ...]:
        """The models of the body; several are distinguished by their `type`."""
        body = self.perform.__annotations__.get("body")
        return () if body is None else get_args(body) or (body,)

    @property
    def is_read(self) -> bool:
        return self.method == "GET"

    @property
    def is_report(self) -> bool:
        return self.report and not self.is_read

    def matches(self, segments: Sequence[str]) -> bool:
        own = self.path.split("/")[1:]
        return len(own) == len(segments) and all(
            part == segment or (_PARAMETER.fullmatch(part) and segment != "")
            for part, segment in zip(own, segments, strict=True)
        )

    def arguments(self, segments: Sequence[str]) -> dict[str, str]:
        """The values of the path parameters, by name."""
        own = self.path.split("/")[1:]
        return {
            parameter[1]: segment
            for part, segment in zip(own, segments, strict=True)
            if (parameter := _PARAMETER.fullmatch(part))
        }


@dataclass(frozen=True, slots=True)
class NoRoute:
    """`methods` are those of the path; a path without any is unknown."""

    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Routes:
    all: list[Route] = field(default_factory=list)

    def get(self, path: str, **about: Any) -> Callable[..., Any]:
        return self._add("GET", path, about)

    def put(self, path: str, **about: Any) -> Callable[..., Any]:
        return self._add("PUT", path, about)

    def post(self, path: str, **about: Any) -> Callable[..., Any]:
        return self._add("POST", path, about)

    def delete(self, path: str, **about: Any) -> Callable[..., Any]:
        return self._add("DELETE", path, about)

    def find(self, method: str, segments: Sequence[str]) -> Route | NoRoute:
        """HEAD is answered like GET, without the body."""
        method = "GET" if method == "HEAD" else method
        here = {route.method: route for route in self.all if route.matches(segments)}
        return here.get(method) or NoRoute(tuple(here) + (("HEAD",) if "GET" in here else ()))

    def _add(self, method: str, path: str, about: dict[str, Any]) -> Callable[..., Any]:
        def add[P: Callable[..., Any]](perform: P) -> P:
            self.all.append(Route(method=method, path=path, perform=perform, **about))
            return perform

        return add


def joined(*tables: Routes) -> Routes:
    return Routes([route for table in tables for route in table.all])
