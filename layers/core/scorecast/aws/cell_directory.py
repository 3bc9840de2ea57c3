"""What another cell says of where a tournament lives: its HTTP API, which anyone may ask.

No cell has access to the tables of another one, so this is all that they know of each other.
"""

from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.request import HTTPRedirectHandler, Request, build_opener

from scorecast.protocol.cells import TournamentEndpoint
from scorecast.protocol.limits import CELL_ANSWER_BYTES_MAX, CELL_ANSWER_SECONDS_MAX
from scorecast.protocol.strict_json import InvalidJson, parse
from scorecast.runtime.telemetry import failed


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> Request | None:
        return None


@dataclass(frozen=True, slots=True)
class CellDirectory:
    may_be_http: bool = False
    """Only in the local cloud. Elsewhere, anyone on the network path could answer an HTTP
    request."""

    def endpoint(self, http_url: str, tournament_id: str) -> TournamentEndpoint | None:
        """The answer of the cell at an address about a tournament. None if there is no trustworthy
        answer."""
        if not (self.may_be_http or http_url.startswith("https://")):
            return None
        try:
            return _endpoint(_body(f"{http_url}/tournaments/{tournament_id}/endpoint"))
        except (OSError, HTTPException, ValueError) as error:
            failed("cell not asked", error)
            return None


def _body(url: str) -> str:
    """Raises OSError if there is no answer, or a status of 400 or more."""
    opener = build_opener(_NoRedirect)
    with opener.open(url, timeout=CELL_ANSWER_SECONDS_MAX) as response:
        body: bytes = response.read(CELL_ANSWER_BYTES_MAX)
    return body.decode()


def _endpoint(text: str) -> TournamentEndpoint:
    match parse(text):
        case {
            "tournament_id": str(tournament_id),
            "state": "here" | "moving" | "moved" as state,
            "endpoint": {"socket_url": str(socket_url), "http_url": str(http_url)},
            "move": int(number),
        }:
            return {
                "tournament_id": tournament_id,
                "state": state,
                "endpoint": {"socket_url": socket_url, "http_url": http_url},
                "move": number,
            }
    raise InvalidJson("no endpoint of a tournament")
