"""`scorecast publish`: one request to the HTTP API from a shell."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, get_args

from scorecast_client.cli import arguments
from scorecast_client.cli.access import add_api, api_of, stack_of
from scorecast_client.cli.output import print_json, printable_tree
from scorecast_client.results import KEPT, DecidedBy, Outcome, ReopenedState, Resolution

if TYPE_CHECKING:
    from scorecast_client.publisher import Publisher

Call = Callable[["Publisher", argparse.Namespace], dict[str, Any]]
STATES: Final = ("scheduled", "live", "paused", "disputed", "postponed", "cancelled")
PARTICIPANT: Final = """or an object: '{"placeholder": "Winner of QF1"}', '{"bye": true}'"""
METADATA: Final = """anything, up to 2 KB: '{"venue": "Court 1"}'"""
TOURNAMENT_EVENTS: Final = (
    "bracket_generated",
    "bracket_updated",
    "tournament_completed",
    "tournament_reopened",
)


def add_publish(parser: argparse.ArgumentParser) -> None:
    parser.description = "Send one request to the HTTP API, and print its answer."
    calls = parser.add_subparsers(required=True, metavar="WHAT")
    _add_registration(calls)
    _add_match_events(calls)
    event = _add(
        calls, "event", "publish an event of a tournament: its bracket, or its end", _event
    )
    event.add_argument("type", choices=TOURNAMENT_EVENTS, help="what happened")
    _add_object(event, "--data")
    structure = _add(calls, "structure", "store a tournament's groups and bracket", _structure)
    _add_object(structure, "--data", required=True, help="an object with `groups` and `rounds`")
    _add(calls, "show", "show a match or a tournament", _show)
    _add(
        calls, "room", "count the viewers of a match or a tournament", lambda api, o: api.room(o.id)
    )
    _add(
        calls,
        "disconnect",
        "close all connections of a user",
        lambda api, o: api.disconnect_user(o.id),
    )


def _add_registration(calls: Any) -> None:
    tournament = _add(calls, "tournament", "register a tournament", _tournament)
    tournament.add_argument("--name", required=True, help="its name")
    tournament.add_argument(
        "--organizer", action="append", default=[], metavar="USER", help="may be repeated"
    )
    _add_object(tournament, "--metadata", help=METADATA)
    match = _add(calls, "match", "register a match", _match)
    match.add_argument("--tournament", required=True, metavar="ID", help="its tournament")
    for option in ("--first", "--second"):
        match.add_argument(
            option, type=arguments.participant, required=True, metavar="ID=NAME", help=PARTICIPANT
        )
    match.add_argument(
        "--at",
        type=arguments.moment,
        required=True,
        metavar="TIME",
        help="its time, with its offset from UTC: 2026-06-11T19:00Z; or unknown",
    )
    _add_object(
        match, "--scoring", help="""how to interpret scores: '{"scale": 1, "unit": "points"}'"""
    )
    _add_object(match, "--metadata", help=METADATA)
    delete = "delete a match that never began"
    _add(calls, "delete", delete, lambda api, o: api.delete_match(o.id))


def _add_match_events(calls: Any) -> None:
    _add(calls, "start", "start a match", lambda api, o: api.start(o.id))
    _add_score(calls)
    _add(
        calls, "state", "pause, resume, postpone or cancel a match, or undo its start", _state
    ).add_argument("state", choices=STATES, help="the new state")
    dispute = _add(calls, "dispute", "dispute a match", lambda api, o: api.dispute(o.id, o.reason))
    dispute.add_argument("reason", help="1 to 500 characters")
    _add_complete(calls)
    _add_corrections(calls)
    resolve = _add(calls, "resolve", "close a dispute of a match", _resolve)
    resolve.add_argument("dispute", metavar="DISPUTE", help="its id")
    resolve.add_argument("resolution", choices=get_args(Resolution), help="the decision")
    resolve.add_argument("--note", help="why, for officials and the match's participants")
    disputes = "list a match's disputes with their texts"
    _add(calls, "disputes", disputes, lambda api, o: api.disputes(o.id))


def _add_score(calls: Any) -> None:
    score = _add(calls, "score", "report a score", _score)
    score.add_argument(
        "score", type=arguments.score, metavar="A:B", help="such as 2:1, in the match's units"
    )
    score.add_argument("--key", help="idempotency key: a repeated request counts once")
    score.add_argument(
        "--base", type=int, metavar="REVISION", help="only if this revision's score is stored"
    )
    score.add_argument(
        "--corrects", type=int, metavar="REVISION", help="corrects the score of this revision"
    )
    _add_object(score, "--details")
    _add_periods(score)
    clock = """the clock: '{"running": true, "elapsed_ms": 600000}'"""
    _add_object(score, "--clock", help=clock)


def _add_complete(calls: Any) -> None:
    complete = _add(calls, "complete", "end a match", _complete)
    winner = complete.add_mutually_exclusive_group(required=True)
    winner.add_argument("--winner", metavar="ID", help="the participant that won")
    winner.add_argument("--draw", action="store_true", help="without a winner")
    _add_result(complete)


def _add_corrections(calls: Any) -> None:
    amend = _add(calls, "amend", "correct the result of a completed match", _amend)
    winner = amend.add_mutually_exclusive_group()
    winner.add_argument("--winner", metavar="ID", default=KEPT, help="the participant that won")
    winner.add_argument(
        "--draw", dest="winner", action="store_const", const=None, help="without a winner"
    )
    _add_result(amend)
    reopen = _add(calls, "reopen", "take back the end of a match", _reopen)
    reopen.add_argument("state", choices=get_args(ReopenedState), help="the state to return to")
    for call in (amend, reopen):
        call.add_argument("--reason", required=True, help="1 to 500 characters, for everyone")


def _add_result(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--score", type=arguments.score, metavar="A:B", help="default: the last one reported"
    )
    parser.add_argument("--outcome", choices=get_args(Outcome), help="how it ended")
    parser.add_argument("--decided-by", choices=get_args(DecidedBy), help="what decided it")
    _add_object(parser, "--details")
    _add_periods(parser)


def _add_periods(parser: argparse.ArgumentParser) -> None:
    """The state that is kept beside a score until it is sent again."""
    parser.add_argument(
        "--periods",
        type=arguments.json_objects,
        metavar="JSON",
        help="sets, maps or halves, a list; [] removes them",
    )
    _add_object(parser, "--shootout", help="the shoot-out; {} removes it")


def _add(calls: Any, name: str, words: str, call: Call) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = calls.add_parser(name, help=words, description=words)
    parser.add_argument("id", metavar="ID", help="of the match, tournament or user")
    parser.add_argument(
        "--json", action="store_true", help="print the response as one line of JSON"
    )
    add_api(parser)
    parser.set_defaults(run=lambda options: _publish(options, call))
    return parser


def _add_object(
    parser: argparse.ArgumentParser,
    name: str,
    *,
    help: str = """an object: '{"minute": 37}'""",
    required: bool = False,
) -> None:
    parser.add_argument(
        name, type=arguments.json_object, metavar="JSON", help=help, required=required
    )


def _publish(options: argparse.Namespace, call: Call) -> int:
    from scorecast_client.publisher import Publisher

    url, token = api_of(options, stack_of(options))
    with Publisher(url, token=token) as publisher:
        answer = call(publisher, options)
    if options.json:
        print_json(answer)
    else:
        _print(answer)
    return 0


def _print(answer: dict[str, Any]) -> None:
    """In colour in a terminal."""
    from rich.console import Console

    Console().print_json(data=printable_tree(answer))


def _tournament(publisher: "Publisher", options: argparse.Namespace) -> dict[str, Any]:
    return publisher.put_tournament(
        options.id, name=options.name, organizers=options.organizer, metadata=options.metadata
    )


def _structure(publisher: "Publisher", options: argparse.Namespace) -> dict[str, Any]:
    return publisher.put_structure(options.id, options.data)


def _match(publisher: "Publisher", options: argparse.Namespace) -> dict[str, Any]:
    return publisher.put_match(
        options.id,
        tournament_id=options.tournament,
        participants=[options.first, options.second],
        scheduled_at=options.at,
        scoring=options.scoring,
        metadata=options.metadata,
    )


def _score(publisher: "Publisher", options: argparse.Namespace) -> dict[str, Any]:
    return publisher.score(
        options.id,
        options.score,
        details=options.details,
        periods=options.periods,
        clock=options.clock,
        shootout=options.shootout,
        corrects=options.corrects,
        idempotency_key=options.key,
        base_revision=options.base,
    )


def _state(publisher: "Publisher", options: argparse.Namespace) -> dict[str, Any]:
    return publisher.change_state(options.id, options.state)


def _complete(publisher: "Publisher", options: argparse.Namespace) -> dict[str, Any]:
    return publisher.complete(options.id, winner_id=options.winner, **_result(options))


def _amend(publisher: "Publisher", options: argparse.Namespace) -> dict[str, Any]:
    fields = _result(options)
    return publisher.amend(options.id, winner_id=options.winner, reason=options.reason, **fields)


def _result(options: argparse.Namespace) -> dict[str, Any]:
    names = ("score", "outcome", "decided_by", "details", "periods", "shootout")
    return {name: getattr(options, name) for name in names}


def _reopen(publisher: "Publisher", options: argparse.Namespace) -> dict[str, Any]:
    return publisher.reopen(options.id, options.state, reason=options.reason)


def _resolve(publisher: "Publisher", options: argparse.Namespace) -> dict[str, Any]:
    return publisher.resolve(options.id, options.dispute, options.resolution, note=options.note)


def _event(publisher: "Publisher", options: argparse.Namespace) -> dict[str, Any]:
    return publisher.tournament_event(options.id, options.type, options.data)


def _show(publisher: "Publisher", options: argparse.Namespace) -> dict[str, Any]:
    """The room says which of the two an id names."""
    is_match = publisher.room(options.id).get("room") == "match"
    return publisher.match(options.id) if is_match else publisher.tournament(options.id)


def _room(publisher: "Publisher", options: argparse.Namespace) -> dict[str, Any]:
    return publisher.room(options.id)


def _disconnect(publisher: "Publisher", options: argparse.Namespace) -> dict[str, Any]:
    return publisher.disconnect_user(options.id)
