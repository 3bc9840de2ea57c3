"""`scorecast publish`: one request to the HTTP API from a shell."""

import argparse
import json
from collections.abc import Callable
from typing import Any, Final

from rich.console import Console

from scorecast_client import arguments
from scorecast_client.publisher import Publisher

Work = Callable[[Publisher, argparse.Namespace], dict[str, Any]]
STATES: Final = ("live", "paused", "disputed", "cancelled")
TOURNAMENT_EVENTS: Final = ("bracket_generated", "bracket_updated", "tournament_completed")


def add_publish(parser: argparse.ArgumentParser) -> None:
    calls = parser.add_subparsers(required=True, metavar="WHAT")
    _add_registration(calls)
    _add_match_events(calls)
    event = _add(calls, "event", "tell a tournament's room about its bracket or its end", _event)
    event.add_argument("type", choices=TOURNAMENT_EVENTS)
    _add_data(event, "--data")
    _add(calls, "show", "show a match or a tournament as it stands", _show)
    _add(calls, "room", "how many watch a match or a tournament", lambda to, o: to.room(o.id))
    _add(
        calls, "disconnect", "end all connections of a user", lambda to, o: to.disconnect_user(o.id)
    )


def _add_registration(calls: Any) -> None:
    tournament = _add(calls, "tournament", "register a tournament", _tournament)
    tournament.add_argument("--name", required=True)
    tournament.add_argument("--organizer", action="append", default=[], metavar="USER")
    match = _add(calls, "match", "register a match", _match)
    match.add_argument("--tournament", required=True, metavar="ID")
    match.add_argument("--first", type=arguments.participant, required=True, metavar="ID=NAME")
    match.add_argument("--second", type=arguments.participant, required=True, metavar="ID=NAME")
    match.add_argument(
        "--at", type=arguments.moment, required=True, metavar="TIME", help="2026-06-11T19:00Z"
    )


def _add_match_events(calls: Any) -> None:
    _add(calls, "start", "start a match", lambda to, o: to.start(o.id))
    score = _add(calls, "score", "report a score", _score)
    score.add_argument("score", type=arguments.score, metavar="A:B")
    score.add_argument("--key", help="an idempotency key: sent again, it counts once")
    _add_data(score, "--details")
    _add(calls, "state", "pause, resume or cancel a match", _state).add_argument(
        "state", choices=STATES
    )
    dispute = _add(calls, "dispute", "dispute a match", lambda to, o: to.dispute(o.id, o.reason))
    dispute.add_argument("reason")
    complete = _add(calls, "complete", "end a match", _complete)
    winner = complete.add_mutually_exclusive_group(required=True)
    winner.add_argument("--winner", metavar="ID")
    winner.add_argument("--draw", action="store_true")
    complete.add_argument(
        "--score", type=arguments.score, metavar="A:B", help="else the last one stands"
    )
    _add_data(complete, "--details")


def _add(calls: Any, name: str, words: str, work: Work) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = calls.add_parser(name, help=words, description=words)
    parser.add_argument("id", metavar="ID")
    parser.add_argument("--json", action="store_true", help="print the answer as one line of JSON")
    arguments.add_api(parser)
    parser.set_defaults(run=lambda options: _publish(options, work))
    return parser


def _add_data(parser: argparse.ArgumentParser, name: str) -> None:
    parser.add_argument(
        name, type=arguments.json_object, metavar="JSON", help="""an object: '{"minute": 37}'"""
    )


def _publish(options: argparse.Namespace, work: Work) -> int:
    url, token = arguments.api_of(options, arguments.stack_of(options))
    with Publisher(url, token=token) as publisher:
        answer = work(publisher, options)
    if options.json:
        print(json.dumps(answer))
    else:
        Console().print_json(data=answer)
    return 0


def _tournament(publisher: Publisher, options: argparse.Namespace) -> dict[str, Any]:
    return publisher.put_tournament(options.id, name=options.name, organizers=options.organizer)


def _match(publisher: Publisher, options: argparse.Namespace) -> dict[str, Any]:
    return publisher.put_match(
        options.id,
        tournament_id=options.tournament,
        participants=[options.first, options.second],
        scheduled_at=options.at,
    )


def _score(publisher: Publisher, options: argparse.Namespace) -> dict[str, Any]:
    return publisher.score(
        options.id, options.score, details=options.details, idempotency_key=options.key
    )


def _state(publisher: Publisher, options: argparse.Namespace) -> dict[str, Any]:
    return publisher.change_state(options.id, options.state)


def _complete(publisher: Publisher, options: argparse.Namespace) -> dict[str, Any]:
    return publisher.complete(
        options.id, winner_id=options.winner, score=options.score, details=options.details
    )


def _event(publisher: Publisher, options: argparse.Namespace) -> dict[str, Any]:
    return publisher.tournament_event(options.id, options.type, options.data)


def _show(publisher: Publisher, options: argparse.Namespace) -> dict[str, Any]:
    """A room knows which of the two an id names."""
    is_match = publisher.room(options.id).get("room") == "match"
    return publisher.match(options.id) if is_match else publisher.tournament(options.id)
