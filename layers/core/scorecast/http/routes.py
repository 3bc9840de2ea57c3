"""Which function answers a request, by its method and path. The table is also the documentation.

Powertools' router would do; but it and its validation take four times as long to import as all the
rest of the API, and parse bodies less strictly than the socket does.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from scorecast.http import response
from scorecast.http.response import Response
from scorecast.protocol.errors import Code, Rejection

_PARAMETER: Final = re.compile(r"<(\w+)>")
_NO_PATH: Final = Rejection(Code.NOT_FOUND, "There is no such resource.")
_NO_METHOD: Final = Rejection(
    Code.UNSUPPORTED_MESSAGE_TYPE, "This resource does not take this method."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation. `body` are the models of which its body is one, told apart by `type`.

    `answers` names the schema of what it answers. `codes` are refusals that other routes do not
    share. `public`: without a token.
    """

    method: str
    path: str
    perform: Callable[..., Response]
    answers: str
    body: tuple[type[Any], ...] = ()
    codes: tuple[Code, ...] = ()
    public: bool = False

    @property
    def name(self) -> str:
        name: str = self.perform.__name__
        return name

    @property
    def parameter(self) -> str | None:
        found = _PARAMETER.search(self.path)
        return found and found[1]

    @property
    def is_read(self) -> bool:
        """Whether others may keep the answer for a moment, and ask for it by its tag."""
        return self.method == "GET" and not self.public

    def matches(self, segments: Sequence[str]) -> bool:
        own = self.path.split("/")[1:]
        return len(own) == len(segments) and all(
            part == segment or (_PARAMETER.fullmatch(part) and segment != "")
            for part, segment in zip(own, segments, strict=True)
        )

    def argument(self, segments: Sequence[str]) -> str:
        own = self.path.split("/")[1:]
        return next(
            segment
            for part, segment in zip(own, segments, strict=True)
            if _PARAMETER.fullmatch(part)
        )


@dataclass(frozen=True, slots=True)
class NoRoute:
    """The path may answer these methods, or it is no path of ours."""

    methods: tuple[str, ...]

    def answer(self) -> Response:
        if not self.methods:
            return response.of(_NO_PATH)
        allow = ", ".join(self.methods)
        return response.problem(_NO_METHOD, HTTPStatus.METHOD_NOT_ALLOWED, allow=allow)


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
        """HEAD is answered as GET is, without the body."""
        method = "GET" if method == "HEAD" else method
        here = {route.method: route for route in self.all if route.matches(segments)}
        return here.get(method) or NoRoute(tuple(here) + (("HEAD",) if "GET" in here else ()))

    def _add(self, method: str, path: str, about: dict[str, Any]) -> Callable[..., Any]:
        def add[P: Callable[..., Response]](perform: P) -> P:
            self.all.append(Route(method=method, path=path, perform=perform, **about))
            return perform

        return add
