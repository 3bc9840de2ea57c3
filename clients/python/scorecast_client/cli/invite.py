"""`scorecast invite`: a link and its QR code, with which a phone runs one match for some hours."""

import argparse
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any, Final
from urllib.parse import quote, urlencode
from uuid import uuid4

from scorecast_client.cli import arguments
from scorecast_client.cli.access import add_http, add_stack, http_of, stack_of
from scorecast_client.cli.output import print_json, print_line
from scorecast_client.errors import ScorecastError
from scorecast_client.stack import Stack
from scorecast_client.tokens import TokenSigner

HOURS_MAX: Final = 72
"""Anyone who has the link can run the match: it should not outlive the weekend."""


def add_invite(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Print a link to the official's page, and its QR code, for one match. Anyone who has it "
        "may run that match, and nothing else, until it expires."
    )
    parser.add_argument(
        "--match", type=arguments.identifier, required=True, metavar="ID", help="the match"
    )
    parser.add_argument(
        "--hours", type=_hours, default=6, help=f"how long it is valid, at most {HOURS_MAX}"
    )
    parser.add_argument(
        "--sub",
        type=arguments.identifier,
        metavar="USER",
        help="the official's id; default: a new one",
    )
    parser.add_argument(
        "--page", metavar="URL", help="the scoreboard's address; default: the stack's"
    )
    add_http(parser)
    parser.add_argument("--secret", help="the shared secret, at least 32 bytes")
    parser.add_argument("--issuer", help="the claim iss, if the stack checks it")
    parser.add_argument("--audience", help="the claim aud, if the stack checks it")
    add_stack(parser)
    parser.add_argument("--json", action="store_true", help="print JSON, without a QR code")
    parser.set_defaults(run=_invite)


def _invite(options: argparse.Namespace) -> int:
    stack = stack_of(options)
    http_url, page_url = http_of(options, stack), options.page or (stack and stack.page_url)
    if not (http_url and page_url):
        raise ScorecastError("Give --stack, or --http and --page.")
    expires = datetime.now(UTC) + timedelta(hours=options.hours)
    token = _token(options, stack)
    match = _match(http_url, token, options.match)  # fails before a link is printed
    link = invitation(page_url, match["tournament_id"], options.match, token)
    if options.json:
        print_json({"url": link, "expires_at": int(expires.timestamp() * 1_000)})
        return 0
    print_line(_described(match, expires))
    print_code(link)
    print_line(link)
    return 0


def invitation(page_url: str, tournament_id: str, match_id: str, token: str) -> str:
    """The token is in the fragment, which no server and no log sees."""
    query = urlencode({"tournament": tournament_id})
    fragment = f"{match_id}&{urlencode({'token': token})}"
    return f"{page_url.rstrip('/')}/official.html?{query}#{quote(fragment, safe='&=._-')}"


def _hours(text: str) -> float:
    hours = arguments.positive(text)
    if hours > HOURS_MAX:
        raise argparse.ArgumentTypeError(f"{text} is more than {HOURS_MAX} hours")
    return hours


def _token(options: argparse.Namespace, stack: Stack | None) -> str:
    if bool(options.secret) == bool(stack):
        raise ScorecastError("Give either --secret or --stack.")
    signer = (
        stack.signer
        if stack
        else TokenSigner(options.secret, issuer=options.issuer, audience=options.audience)
    )
    return signer.token(
        options.sub or f"official-{uuid4().hex[:8]}",
        now=datetime.now(UTC),
        minutes=options.hours * 60,
        matches=(options.match,),
    )


def _match(http_url: str, token: str, match_id: str) -> dict[str, Any]:
    from scorecast_client.publisher import Publisher

    with Publisher(http_url, token=token) as api:
        return api.match(match_id)


def _described(match: dict[str, Any], expires: datetime) -> str:
    names = [one.get("name") or one.get("placeholder") or "?" for one in match["participants"]]
    until = expires.astimezone().strftime("%Y-%m-%d %H:%M %Z")
    return f"{' v '.join(names)}, until {until}. Anyone who has this link can run the match."


def print_code(link: str) -> None:
    """Dark on light, independent of the terminal's colours: half a block is a module."""
    try:
        import segno
    except ImportError:
        print_line("(For a QR code: pip install segno)")
        return
    drawn = StringIO()
    segno.make(link, error="l", micro=False).terminal(drawn, border=2, compact=True)
    light, reset = ("\x1b[97;40m", "\x1b[0m") if sys.stdout.isatty() else ("", "")
    for line in drawn.getvalue().splitlines():
        print(f"{light}{line}{reset}", flush=True)
