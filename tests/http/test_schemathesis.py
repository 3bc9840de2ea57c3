"""schemathesis against the real handler: what the document says holds for requests of its making.

Examples, the borders of every schema, random requests good and bad, and sequences of requests, with
every check that it knows. The same requests every time: one seed, no memory.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from schemathesis import engine
from schemathesis.engine import events

from scorecast.protocol.commands import MatchStart
from tests import examples
from tests.harness.moto_cloud import MotoCloud
from tests.http.conftest import token
from tests.http.server import Server

EXAMPLES_PER_OPERATION: Final = 25
CHECKS: Final = frozenset(
    {
        "allow_header_conformance",
        "content_type_conformance",
        "ensure_resource_availability",
        "ignored_auth",
        "missing_required_header",
        "negative_data_rejection",
        "not_a_server_error",
        "positive_data_acceptance",
        "response_headers_conformance",
        "response_schema_conformance",
        "status_code_conformance",
        "unsupported_method",
        "use_after_free",
    }
)
# No JSON Schema says how large or deep an object may be, that a number in it is kept exactly, or
# which tag is current.
ACCEPTED: Final = ["2xx", "3xx", "400", "401", "403", "404", "409", "412", "422"]


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
def test_the_api_keeps_what_its_document_promises(served: MotoCloud, server: Server) -> None:
    _register(served)
    checked: Counter[str] = Counter()
    failures: list[str] = []
    for event in engine.from_schema(_schema(server)).execute():
        assert not isinstance(event, events.NonFatalError | events.FatalError), str(event)
        if isinstance(event, events.ScenarioFinished):
            for check in _checks(event):
                checked[check.name] += 1
                if check.failure_info is not None:
                    failure = check.failure_info
                    failures.append(f"{check.name}: {failure.failure}\n{failure.code_sample}")
    assert not failures, "\n\n".join(failures)
    assert checked.keys() >= CHECKS
    assert checked["not_a_server_error"] > 500


def _register(served: MotoCloud) -> None:
    """The match of the document's examples, live, so that requests of it get past 404."""
    served.matches.put_tournament(examples.tournament(id="world-cup"))
    served.put_match(examples.match(id="mex-per", tournament_id="world-cup"))
    served.execute(MatchStart(match_id="mex-per"))


def _schema(server: Server) -> Any:
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    schema.config.update(headers={"Authorization": f"Bearer {token()}"})
    schema.config.generation.update(
        max_examples=EXAMPLES_PER_OPERATION, deterministic=True, database="none"
    )
    schema.config.checks.positive_data_acceptance.expected_statuses = ACCEPTED
    return schema


def _checks(event: events.ScenarioFinished) -> Iterator[Any]:
    for checks in event.recorder.checks.values():
        yield from checks
