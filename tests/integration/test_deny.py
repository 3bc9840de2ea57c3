import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from infra import deny
from infra.local.paths import ROOT
from scorecast.domain.connections.identity import user_hash
from scorecast.domain.connections.restriction import Restriction
from tests import examples
from tests.harness.moto_cloud import MotoCloud

HASH = user_hash("sp")


@pytest.fixture
def stack(cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch) -> str:
    """A stack whose table is the cloud's."""

    def table(name: str) -> str:
        assert name == "scorecast-dev"
        return cloud.connections_table

    monkeypatch.setattr(deny, "_table", table)
    return "scorecast-dev"


def test_a_denied_user_is_kept_out_for_the_hours_and_can_be_let_in_again(
    cloud: MotoCloud, stack: str
) -> None:
    def restriction() -> Any:
        return cloud.restrictions.of(examples.SPECTATOR, "address")

    deny.main([stack, HASH, "--hours", "2"])
    assert restriction() is Restriction.DENIED
    cloud.system.sleep_ms(2 * 3_600_000)
    assert restriction() is None
    deny.main([stack, HASH])
    assert restriction() is Restriction.DENIED
    deny.main([stack, HASH, "--hours", "0"])
    assert restriction() is None


@pytest.mark.parametrize("wrong", [["192.0.2.1"], ["u1"], [HASH, "--hours", "-1"], []], ids=str)
def test_what_is_not_a_hash_or_a_time_is_refused(
    stack: str, wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        deny.main([stack, *wrong])
    assert refused.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_the_table_is_the_stacks(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = boto3.client("cloudformation")
    detail = {
        "LogicalResourceId": "LiveConnectionsTable",
        "PhysicalResourceId": "a-table",
        "ResourceType": "AWS::DynamoDB::Table",
        "LastUpdatedTimestamp": datetime(2026, 11, 27, tzinfo=UTC),
        "ResourceStatus": "CREATE_COMPLETE",
    }
    asked = {"StackName": "made", "LogicalResourceId": "LiveConnectionsTable"}
    monkeypatch.setattr(boto3, "client", lambda _service: client)
    with Stubber(client) as stubber:
        stubber.add_response("describe_stack_resource", {"StackResourceDetail": detail}, asked)
        assert deny._table("made") == "a-table"


def test_the_command_runs_by_itself() -> None:
    """Not only where a test has put the service's package on the path."""
    subprocess.run([sys.executable, "-m", "infra.deny", "--help"], cwd=ROOT, check=True)
