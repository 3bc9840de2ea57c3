"""The structure of a tournament: one item, written with the event that publishes it."""

import json
from dataclasses import dataclass
from typing import Any, Final

from scorecast.aws.dynamodb.match_keys import tournament_pk
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.writes import Put
from scorecast.protocol.strict_json import compact

_SK: Final = "S"


@dataclass(frozen=True, slots=True)
class Structures:
    table: Table

    def get(self, tournament_id: str) -> tuple[int, dict[str, Any]] | None:
        """The version, and the structure."""
        item = self.table.get(tournament_pk(tournament_id), _SK)
        return None if item is None else (item["version"], json.loads(item["structure"]))


def structure_put(tournament_id: str, version: int, structure: dict[str, Any]) -> Put:
    """As text, since it is smaller, and is read back but never searched."""
    item = {
        "pk": tournament_pk(tournament_id),
        "sk": _SK,
        "version": version,
        "structure": compact(structure),
    }
    return Put(item, condition="")
