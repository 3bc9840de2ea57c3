"""Pages of tournaments and matches, and the results of registering several matches at once."""

from typing import Literal, NotRequired, TypedDict

from scorecast.protocol.errors import Code
from scorecast.protocol.fields import Id, Sequence, Text
from scorecast.protocol.snapshots import MatchSnapshot, TournamentProgress


class ListedTournament(TournamentProgress):
    """A tournament in a list."""

    archived: bool
    """Whether it is hidden from the lists of its state."""


class TournamentPage(TypedDict):
    """A page of tournaments, in the order of their ids."""

    tournaments: list[ListedTournament]
    """At most 100."""
    next: Text | None
    """The `cursor` of the next page; null on the last. A page may be empty and yet have one."""


class MatchPage(TypedDict):
    """A page of matches."""

    matches: list[MatchSnapshot]
    """At most 100."""
    next: Text | None
    """The `cursor` of the next page; null on the last. A page may be empty and yet have one."""


class MatchPut(TypedDict):
    """The result for one match."""

    match_id: Id
    """The match."""
    outcome: Literal["registered", "updated", "unchanged", "rejected"]
    """What was done."""
    sequence: NotRequired[Sequence]
    """The number of its newest event; left out if it was rejected."""
    code: NotRequired[Code]
    """Why it was rejected."""
    detail: NotRequired[Text]
    """The reason as a sentence."""


class MatchesPut(TypedDict):
    """The results for all matches, in the order of the request."""

    tournament_id: Id
    """The tournament."""
    results: list[MatchPut]
    """One for each match."""


class TournamentKept(TypedDict):
    """A tournament, and whether it is archived."""

    tournament_id: Id
    """The tournament."""
    archived: bool
    """Whether it is hidden from the lists of its state."""


class DeletedTournament(TypedDict):
    """A tournament no longer exists."""

    tournament_id: Id
    """The tournament."""
