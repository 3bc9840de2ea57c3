"""The runbook's restore, on the deployed stack: a match that was lost is live again."""

import subprocess
import sys

import httpx

from infra.local.paths import ROOT
from scorecast_client.publisher import Publisher
from tests.e2e.cup import Cup
from tests.e2e.deployed import Deployed, unique


def test_a_lost_match_comes_back_with_its_score(
    deployed: Deployed, publisher: Publisher, cup: Cup
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    publisher.score(match.id, (2, 1))
    table, restored = deployed.description["tables"]["matches"], unique("restored")
    dynamodb = deployed.aws.client("dynamodb")
    dynamodb.restore_table_to_point_in_time(
        SourceTableName=table, TargetTableName=restored, UseLatestRestorableTime=True
    )
    dynamodb.delete_item(TableName=table, Key={"pk": {"S": f"M#{match.id}"}, "sk": {"S": "M"}})
    lost = httpx.get(
        f"{deployed.stack.http_url}/matches/{match.id}",
        headers={"Authorization": f"Bearer {deployed.stack.tokens['admin']}"},
        timeout=20,
    )
    assert lost.status_code == 404

    command = [sys.executable, "-m", "infra.restore", "--from", restored, "--into", table]
    environ = deployed.aws.environ()
    subprocess.run([*command, "--key", f"M#{match.id}"], cwd=ROOT, env=environ, check=True)

    assert publisher.match(match.id)["participant1_score"] == 2
    publisher.score(match.id, (3, 1))
    assert publisher.match(match.id)["participant1_score"] == 3
    dynamodb.delete_table(TableName=restored)
