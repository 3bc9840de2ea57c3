"""M1: a match's history against what its items said when they were written."""

import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from tests.simulation.dynamodb import Table, Written
from tests.simulation.ledger import MATCHES, number

type Scores = dict[int, tuple[int, int]]


class Histories:
    """Notes every revision and every logged event as they are written, by any invocation."""

    def __init__(self) -> None:
        self.scores: dict[str, Scores] = defaultdict(dict)
        self.events: dict[str, dict[int, str]] = defaultdict(dict)

    def observe(self, written: list[Written]) -> None:
        for table, (pk, sk), old, new in written:
            if table != MATCHES or new is None or not pk.startswith("M#"):
                continue
            if sk == "M" and old is not None and old["revision"] != new["revision"]:
                score = number(new, "participant1_score"), number(new, "participant2_score")
                self.scores[pk][number(new, "revision")] = score
            elif sk.startswith("E#"):
                self.events[pk][int(sk.removeprefix("E#"))] = new["event_type"]["S"]

    def check(self, stored: Table, fail: Callable[[str], Any]) -> None:
        """Nothing is missing, nothing is there twice, and all of it is in order."""
        scores, events, order = _kept(stored)
        for pk in self.scores.keys() | self.events.keys() | order.keys():
            wanted = sorted(self.scores[pk].items())
            if sorted(scores[pk]) != wanted:
                fail(f"M1: the history of {pk} has the scores {sorted(scores[pk])}, not {wanted}")
            if sorted(events[pk]) != sorted(self.events[pk].items()):
                fail(f"M1: the history of {pk} has the events {events[pk]}, not {self.events[pk]}")
            if order[pk] != sorted(order[pk]):
                fail(f"M1: the history of {pk} is out of order: {order[pk]}")


def _kept(
    stored: Table,
) -> tuple[
    dict[str, list[tuple[int, tuple[int, int]]]],
    dict[str, list[tuple[int, str]]],
    dict[str, list[int]],
]:
    """Scores and events by match, and the times of all entries as they are read."""
    scores: dict[str, list[tuple[int, tuple[int, int]]]] = defaultdict(list)
    events: dict[str, list[tuple[int, str]]] = defaultdict(list)
    order: dict[str, list[int]] = defaultdict(list)
    for pk, partition in stored.partitions.items():
        for sk in sorted(partition):
            entry = _entry(partition[sk]["entry"]["S"])
            data = entry["data"]
            if entry["type"] == "score_accepted":
                pair = data["participant1_score"], data["participant2_score"]
                scores[pk].append((data["revision"], pair))
                order[pk].append(data["revision"])
            else:
                events[pk].append((data["sequence"], entry["type"]))
    return scores, events, order


def _entry(text: str) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(text)
    return entry
