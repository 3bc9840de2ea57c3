"""Random operations on a FIFO queue: the simulator's model and MiniStack do the same."""

from collections import defaultdict
from random import Random

from tests.emulators.ministack import Cloud
from tests.emulators.queues import Box, MiniStackBox, ModelBox, Received

OPERATIONS = 1_000
GROUPS = ("a", "b", "c")
BATCH_MAX = 10


class Both:
    """Two boxes that are asked the same; what was received is known by its body and its count."""

    def __init__(self, model: ModelBox, other: Box) -> None:
        self.model = model
        self.boxes: tuple[Box, Box] = (model, other)
        self.in_flight: dict[str, tuple[Received, Received]] = {}

    def send(self, body: str, group: str, deduplication_id: str) -> None:
        for box in self.boxes:
            box.send(body, group, deduplication_id)

    def receive(self) -> None:
        """Each group's messages come in its order; the groups in any."""
        ours, theirs = (box.receive() for box in self.boxes)
        assert _by_group(ours) == _by_group(theirs)
        by_body = {one.body: one for one in theirs}
        self.in_flight |= {one.body: (one, by_body[one.body]) for one in ours}

    def delete(self, body: str) -> None:
        pair = self.in_flight.pop(body)
        outcomes = [box.delete(one.receipt) for box, one in zip(self.boxes, pair, strict=True)]
        assert outcomes == [True, True]

    def show_again(self, body: str) -> None:
        pair = self.in_flight.pop(body)
        outcomes = [box.show_again(one.receipt) for box, one in zip(self.boxes, pair, strict=True)]
        assert outcomes == [True, True]


def _by_group(received: list[Received]) -> dict[str, list[tuple[str, int]]]:
    groups: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for one in received:
        groups[one.group].append((one.body, one.receives))
    return groups


def _step(rng: Random, both: Both, number: int) -> None:
    """Few messages wait at a time, so that one receive shows all that may be received."""
    in_flight = sorted(both.in_flight)
    match rng.choices(("send", "receive", "delete", "again"), (30, 30, 30, 18))[0]:
        case "send" if both.model.size() < BATCH_MAX:
            dedup = f"id-{number if rng.random() < 0.8 else rng.randint(0, number)}"
            both.send(f"m{number}", rng.choice(GROUPS), dedup)
        case "receive":
            both.receive()
        case "delete" if in_flight:
            both.delete(rng.choice(in_flight))
        case "again" if in_flight:
            both.show_again(rng.choice(in_flight))


def test_a_fifo_queue_does_what_the_model_does(cloud: Cloud) -> None:
    rng, both = Random(1), Both(ModelBox(), MiniStackBox(cloud))
    for number in range(OPERATIONS):
        _step(rng, both, number)
    ours, theirs = (box.dead() for box in both.boxes)
    assert sorted(ours) == sorted(theirs)
    assert ours, "nothing was ever received too often"
