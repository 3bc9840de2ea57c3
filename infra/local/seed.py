"""The tournament and the users that a fresh stack starts with."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from scorecast_client.publisher import Publisher


@dataclass(frozen=True)
class Demo:
    tournament_id: str = "demo"
    match_id: str = "demo-1"
    admin: str = "admin-1"
    organizer: str = "organizer-1"
    participants: tuple[str, str] = ("participant-1", "participant-2")
    spectator: str = "spectator-1"


DEMO: Final = Demo()


def seed(http_url: str, *, admin_token: str) -> None:
    names = ("Participant One", "Participant Two")
    with Publisher(http_url, token=admin_token) as publisher:
        publisher.put_tournament(DEMO.tournament_id, name="Demo", organizers=[DEMO.organizer])
        publisher.put_match(
            DEMO.match_id,
            tournament_id=DEMO.tournament_id,
            participants=list(zip(DEMO.participants, names, strict=True)),
            scheduled_at=datetime(2026, 6, 11, 19, tzinfo=UTC),
        )
