"""The recipes for back-ends and shells, run as they stand. Those with a page: tests/browser."""

from pathlib import Path

import pytest

from scorecast_client.publisher import Publisher
from tests.docs.desk import Desk, lay
from tests.docs.pages import blocks, page, section
from tests.e2e.cup import Cup
from tests.e2e.deployed import PATHS, Deployed

DJANGO = {
    "django/__init__.py": "",
    "django/dispatch.py": """
class Signal:
    def __init__(self):
        self.receivers = []

    def send(self, sender, **named):
        for wanted, receiver in self.receivers:
            if wanted is sender:
                receiver(signal=self, sender=sender, **named)


def receiver(signal, *, sender):
    def connect(function):
        signal.receivers.append((sender, function))
        return function

    return connect
""",
    "django/db/__init__.py": "",
    "django/db/transaction.py": """
waiting = []


def on_commit(function, using=None, robust=False):
    waiting.append(function)


def commit():
    while waiting:
        waiting.pop(0)()
""",
    "django/db/models/__init__.py": "",
    "django/db/models/signals.py": "from django.dispatch import Signal\n\npost_save = Signal()\n",
}
"""As much of Django as the receiver uses."""
GAME = """
from dataclasses import dataclass

from django.db.models.signals import post_save


@dataclass
class Game:
    match_id: str
    has_started: bool = False
    home_goals: int = 0
    away_goals: int = 0
    is_over: bool = False
    winner_id: str | None = None

    def save(self):
        post_save.send(Game, instance=self, created=False, raw=False, using="default")
"""
SEASON = """
import sys

from django.db import transaction
from games import receivers, scores
from games.models import Game

match_id, winner_id = sys.argv[1:]
game = Game(match_id)
game.save()
assert not transaction.waiting
game.has_started, game.home_goals = True, 1
game.save()
print("before the commit:", scores.publisher().match(match_id)["state"])
transaction.commit()
print("after it:", scores.publisher().match(match_id)["state"])
game.away_goals = 1
game.save()
game.home_goals, game.is_over, game.winner_id = 2, True, winner_id
game.save()
game.save()
transaction.commit()
print("at the end:", scores.publisher().match(match_id)["sequence"])
game.save()
transaction.commit()
print("saved again:", scores.publisher().match(match_id)["sequence"])
game.home_goals = 3
game.save()
transaction.commit()
"""


@pytest.fixture
def desk(deployed: Deployed, tmp_path: Path) -> Desk:
    return lay(tmp_path, PATHS.stack_file)


def recipe(heading: str, language: str) -> str:
    (block,) = blocks(section(page("recipes.md"), heading), language)
    return block


def test_a_score_from_a_shell_counts(
    desk: Desk, deployed: Deployed, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    curl = recipe("## Publish from a shell", "sh").replace("demo-1", match.id)
    environ = {"SCORECAST_HTTP": deployed.stack.http_url}
    environ["SCORECAST_TOKEN"] = deployed.stack.tokens["admin"]

    (received,) = desk.paste(curl, **environ)

    assert match.id in received
    assert cup.snapshot(match)["participant1_score"] == 2


def test_a_game_that_django_saves_is_published_once_it_is_committed(
    desk: Desk, deployed: Deployed, cup: Cup
) -> None:
    heading = "## Publish from Django"
    files = DJANGO | {"games/__init__.py": "", "games/models.py": GAME, "season.py": SEASON}
    files |= {
        f"games/{name}": recipe(heading, f"python {name}") for name in ("scores.py", "receivers.py")
    }
    for name, text in files.items():
        desk.put(name, text)
    match, signed = cup.new_match(), deployed.description["jwt"]

    (received,) = desk.paste(
        f".venv/bin/python season.py {match.id} {match.first}",
        SCORECAST_HTTP=deployed.stack.http_url,
        SCORECAST_SECRET=signed["secret"],
        SCORECAST_ISS=signed["issuer"],
        SCORECAST_AUD=signed["audience"],
    )

    before, after, at_the_end, saved_again = received.splitlines()
    assert [before, after] == ["before the commit: scheduled", "after it: live"]
    assert at_the_end.split()[-1] == saved_again.split()[-1]
    stored = cup.snapshot(match)
    assert (stored["state"], stored["winner_id"]) == ("completed", match.first)
    assert (stored["participant1_score"], stored["participant2_score"]) == (3, 1)


def test_a_rehearsal_ends_as_the_tournament_did(desk: Desk, publisher: Publisher) -> None:
    (received,) = desk.paste(recipe("## Rehearse with a past tournament", "sh"))

    assert "2 matches in" in received
    matches = publisher.tournament("rehearsal")["matches"]
    assert [match["state"] for match in matches] == ["completed", "completed"]
