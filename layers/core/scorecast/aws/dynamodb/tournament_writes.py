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
    """What a new registration changes of one that stands: its name, organizers and metadata."""
    changed = ["tournament_name"]
    changed += [] if keeps_organizers else ["organizers"]
    changed += ["metadata"] if new["metadata"] else []
    return Update(
        new["pk"],
        new["sk"],
        expression="SET " + ", ".join(f"{name} = :{name}" for name in changed),
        condition=f"attribute_exists(pk) AND attribute_not_exists(is_deleted) AND {STAYS}",
        values={f":{name}": new[name] for name in changed},
    )


def tournament_instead(new: Item, deleted: Tournament) -> Put:
    """A tournament in place of a deleted one of the same id, whose numbers go on."""
    numbers = {
        "sequence_number": deleted.sequence,
        "last_event_sequence": deleted.last_event_sequence,
    }
    return Put(new | numbers, condition="is_deleted = :true", values={":true": True})


def tournament_event(
    tournament: Tournament, event: LoggedEvent, new_state: str, now_ms: int
) -> Update:
    """What an event changes, if nothing happened since `tournament` was read."""
    return Update(
        tournament_pk(tournament.id),
        TOURNAMENT_SK,
        expression="SET tournament_state = :state, listed_as = :listed_as,"
        " sequence_number = :sequence, last_event_sequence = :sequence, pending = :pending,"
        " pending_since_ms = if_not_exists(pending_since_ms, :now) ADD unsent :unsent",
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
