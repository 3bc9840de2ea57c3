"""A cell as its stack's outputs describe it, with the tables that a move works on."""

from dataclasses import dataclass
from typing import Any, Final, Self

from boto3.session import Session
from botocore.config import Config

from infra import layer  # noqa: F401
from scorecast.aws.dynamodb.listings import Listings
from scorecast.aws.dynamodb.moves import Moves
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.sqs.sweep_queue import SweepQueue
from scorecast.protocol.cells import Endpoint
from scorecast.runtime.system import System

MATCHES_AT_ONCE: Final = 16
_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 5},
    connect_timeout=5,
    read_timeout=10,
    max_pool_connections=MATCHES_AT_ONCE,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One side of a move."""

    name: str
    endpoint: Endpoint
    moves: Moves
    listings: Listings
    history: Table
    sweep_queue: SweepQueue

    @classmethod
    def of_stack(cls, name: str, session: Session, system: System) -> Self:
        stack = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
        return cls.of_outputs(name, outputs, session, system)

    @classmethod
    def of_outputs(cls, name: str, outputs: dict[str, str], session: Any, system: System) -> Self:
        dynamodb = session.client("dynamodb", config=_CONFIG)

        def table(output: str) -> Table:
            return Table(outputs[output], dynamodb, lambda: dynamodb, system)

        matches = table("MatchesTable")
        return cls(
            name,
            {"socket_url": outputs["SocketUrl"], "http_url": outputs["HttpUrl"]},
            Moves(matches, system),
            Listings(matches, system),
            table("HistoryTable"),
            SweepQueue(outputs["SweepQueueUrl"], session.client("sqs", config=_CONFIG)),
        )
