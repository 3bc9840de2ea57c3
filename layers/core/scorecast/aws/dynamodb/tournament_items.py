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


def tournament_from(item: Item) -> Tournament:
    return Tournament(
        id=item["pk"].removeprefix("T#"),
        name=item["tournament_name"],
        organizers=tuple(item["organizers"]),
        state=item["tournament_state"],
        sequence=item["sequence_number"],
        last_event_sequence=item["last_event_sequence"],
        registered_by=item.get("registered_by"),
        is_archived=item.get("is_archived", False),
        is_deleted=item.get("is_deleted", False),
        unsent=item.get("unsent", frozenset()),
        pending="pending" in item,
        metadata=decode(item.get("metadata", "")),
        move=_move(item) if "move_phase" in item else None,
        move_number=item.get("move_number", 0),
    )


def _move(item: Item) -> Move:
    return Move(
        number=item["move_number"],
        phase=Phase(item["move_phase"]),
        endpoint={"socket_url": item["move_socket_url"], "http_url": item["move_http_url"]},
        lease_until_ms=item.get("move_lease_until_ms"),
        drain_seconds=item.get("move_drain_seconds", DRAIN_SECONDS),
    )
