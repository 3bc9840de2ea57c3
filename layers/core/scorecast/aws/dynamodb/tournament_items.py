"""Tournaments as items of the matches table, and back. Pure."""

from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.json_text import decode, encode
from scorecast.aws.dynamodb.match_keys import TOURNAMENT_SK, listed_as, tournament_pk
from scorecast.domain.matches.move import Move, Phase
from scorecast.domain.matches.tournament import Tournament
from scorecast.protocol.limits import DRAIN_SECONDS


def new_tournament(tournament: Tournament) -> Item:
    return {
        "pk": tournament_pk(tournament.id),
        "sk": TOURNAMENT_SK,
        "tournament_name": tournament.name,
        "organizers": list(tournament.organizers),
        "tournament_state": tournament.state,
        "sequence_number": tournament.sequence,
        "last_event_sequence": tournament.last_event_sequence,
        "registered_by": tournament.registered_by,
        "metadata": encode(tournament.metadata),
        "listed_as": listed_as(tournament.state),
        "listed_key": tournament.id,
    }


def tournament_from(row: Item) -> Tournament:
    return Tournament(
        id=row["pk"].removeprefix("T#"),
        name=row["tournament_name"],
        organizers=tuple(row["organizers"]),
        state=row["tournament_state"],
        sequence=row["sequence_number"],
        last_event_sequence=row["last_event_sequence"],
        registered_by=row.get("registered_by"),
        is_archived=row.get("is_archived", False),
        is_deleted=row.get("is_deleted", False),
        unsent=row.get("unsent", frozenset()),
        pending="pending" in row,
        metadata=decode(row.get("metadata", "")),
        move=_move(row) if "move_phase" in row else None,
        move_number=row.get("move_number", 0),
    )


def _move(row: Item) -> Move:
    return Move(
        number=row["move_number"],
        phase=Phase(row["move_phase"]),
        endpoint={"socket_url": row["move_socket_url"], "http_url": row["move_http_url"]},
        lease_until_ms=row.get("move_lease_until_ms"),
        drain_seconds=row.get("move_drain_seconds", DRAIN_SECONDS),
    )
