"""The tournament and the users that a fresh stack starts with."""

from datetime import UTC, datetime
from typing import Final

from scorecast_client.publisher import Publisher

TOURNAMENT_ID: Final = "demo"
MATCH_ID: Final = "demo-1"
USERS: Final = {role: f"{role}-1" for role in ("admin", "organizer", "participant", "spectator")}
"""By what they may do."""
PARTICIPANTS: Final = (
    (USERS["participant"], "Participant One"),
    ("participant-2", "Participant Two"),
)


def seed(http_url: str, *, admin_token: str) -> None:
    with Publisher(http_url, token=admin_token) as publisher:
        publisher.put_tournament(TOURNAMENT_ID, name="Demo", organizers=[USERS["organizer"]])
        publisher.put_match(
            MATCH_ID,
            tournament_id=TOURNAMENT_ID,
            participants=PARTICIPANTS,
            scheduled_at=datetime(2026, 6, 11, 19, tzinfo=UTC),
        )
