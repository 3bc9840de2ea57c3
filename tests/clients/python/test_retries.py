"""Which failed requests are sent again: each error and each status by itself."""

import httpx
import pytest

from scorecast_client.api_calls import ApiRequest
from scorecast_client.retries import Retries, retry_options

READ = ApiRequest("GET", "matches/m1")
TICKET = ApiRequest("POST", "tickets")
NEVER_SENT = {httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout}
"""Before a byte of the request was on its way. Of all others nobody knows what they did."""


def _subclasses(kind: type[Exception]) -> set[type[Exception]]:
    return {kind} | {each for child in kind.__subclasses__() for each in _subclasses(child)}


TRANSPORT_ERRORS = sorted(_subclasses(httpx.TransportError), key=lambda kind: kind.__name__)


def _is_retried(request: ApiRequest, failure: Exception) -> bool:
    return bool(retry_options(request, Retries())["on"](failure))


@pytest.mark.parametrize("kind", TRANSPORT_ERRORS)
def test_what_may_have_arrived_is_not_sent_twice_unless_that_is_harmless(
    kind: type[Exception],
) -> None:
    assert _is_retried(READ, kind("lost"))
    assert _is_retried(TICKET, kind("lost")) == (kind in NEVER_SENT)


@pytest.mark.parametrize("status", range(400, 600))
def test_a_status_says_whether_a_request_is_sent_again(status: int) -> None:
    response = httpx.Response(status, request=httpx.Request("GET", "https://scorecast.test"))
    refused = httpx.HTTPStatusError("refused", request=response.request, response=response)
    # 421: nothing was done, and the next attempt goes to the tournament's new cell
    assert _is_retried(READ, refused) == (status in (421, 429) or status >= 500)
    assert _is_retried(TICKET, refused) == (status in (421, 429))
