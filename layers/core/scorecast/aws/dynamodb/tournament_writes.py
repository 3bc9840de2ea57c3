"""The writes that change a tournament, alone or together with an event. Pure."""

from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.match_keys import (
    PENDING,
    STAYS,
    TOURNAMENT_SK,
    listed_as,
    tournament_pk,
)
from scorecast.aws.dynamodb.writes import Put, Update
from scorecast.domain.matches.match import LoggedEvent
from scorecast.domain.matches.tournament import ARCHIVED, Tournament


def tournament_change(new: Item, *, keeps_organizers: bool) -> Update:
    """The changes of an existing tournament by a new registration: its name, organizers and
    metadata."""
    changed = ["tournament_name"]
    changed += [] if keeps_organizers else ["organizers"]
    changed += ["metadata"] if new["metadata"] else []
    return Update(
        new["pk"],
        new["sk"],
        expression="SET " + ", ".join(f"{name} = :{name}" for name in changed),
        # A deleted tournament is replaced instead, and one that moves must not change under its
        # copy.
        condition=f"attribute_exists(pk) AND attribute_not_exists(is_deleted) AND {STAYS}",
        values={f":{name}": new[name] for name in changed},
    )


def tournament_instead(new: Item, deleted: Tournament) -> Put:
    """A tournament that replaces a deleted one with the same id and continues its numbers."""
    numbers = {
        "sequence_number": deleted.sequence,
        "last_event_sequence": deleted.last_event_sequence,
    }
    # Of two registrations at once, one replaces it; the other finds a registered tournament.
    return Put(new | numbers, condition="is_deleted = :true", values={":true": True})


def tournament_event(
    tournament: Tournament, event: LoggedEvent, new_state: str, now_ms: int
) -> Update:
    """The write of an event, on condition that `tournament` is as it was read."""
    return Update(
        tournament_pk(tournament.id),
        TOURNAMENT_SK,
        expression="SET tournament_state = :state, listed_as = :listed_as,"
        " sequence_number = :sequence, last_event_sequence = :sequence, pending = :pending,"
        " pending_since_ms = if_not_exists(pending_since_ms, :now) ADD unsent :unsent",
        # The number decides a race of two events: the loser reads again.
        condition=f"sequence_number = :read_sequence AND {STAYS}",
        values={
            ":state": new_state,
            ":listed_as": listed_as(ARCHIVED if tournament.is_archived else new_state),
            ":sequence": event.sequence,
            ":pending": PENDING,
            ":now": now_ms,
            ":unsent": frozenset({event.sequence}),
            ":read_sequence": tournament.sequence,
        },
    )
