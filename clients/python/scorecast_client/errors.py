"""The exceptions this package raises on purpose. Each text is one sentence for a person."""

from collections.abc import Mapping
from typing import Any

from scorecast_client.messages import Goodbye, data_of, milliseconds


class ScorecastError(Exception):
    """The base class: catch it to catch every expected failure."""


class ConnectRefused(ScorecastError):
    """No connection was made. `status` is the handshake's, `goodbye` the server's reason."""

    def __init__(
        self, sentence: str, *, status: int | None = None, goodbye: Goodbye | None = None
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.goodbye = goodbye


class AddressError(ConnectRefused):
    """The URL is not a WebSocket's, or the token cannot be sent in a header."""


class NoNewerToken(ConnectRefused):
    """The token has expired, and its function returned the same one again."""


class ConnectionLost(ScorecastError):
    """The connection ended with a command still unanswered: it may or may not have counted."""


class AnswerTimeout(ScorecastError):
    """A command was not answered in time: it may or may not have counted."""


class Unsubscribed(ScorecastError):
    """A `subscribe` was overtaken by an `unsubscribe` of the same room."""


class CommandRefused(ScorecastError):
    """The server answered a command with an error; `code` is a code of the protocol."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.code = str(error.get("code"))
        self.message = str(error.get("message"))
        self.retry_after_ms = milliseconds(error.get("retry_after_ms"))
        self.data = data_of(error)


class PublishError(ScorecastError):
    """The HTTP API refused a request, or could not be reached.

    `status` and `code` are None where no answer came; `errors` names each invalid field.
    """

    def __init__(
        self,
        sentence: str,
        *,
        message: str | None = None,
        status: int | None = None,
        code: str | None = None,
        errors: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.message = message or sentence
        """The service's own sentence, if there is one."""
        self.status = status
        self.code = code
        self.errors = errors or {}


class RequestRefused(PublishError):
    """The HTTP API answered with an error: `status` is set."""


class Unreachable(PublishError):
    """The HTTP API did not answer."""
