"""`scorecast token`: a token for development, signed with a shared secret."""

import argparse
from datetime import UTC, datetime

from scorecast_client.cli import arguments
from scorecast_client.cli.access import add_stack, stack_of
from scorecast_client.errors import ScorecastError


def add_token(parser: argparse.ArgumentParser) -> None:
    parser.description = "Print a token, signed with the shared secret of a stack."
    parser.add_argument("--secret", help="the shared secret, at least 32 bytes")
    parser.add_argument("--issuer", help="the claim iss, if the stack checks it")
    parser.add_argument("--audience", help="the claim aud, if the stack checks it")
    parser.add_argument(
        "--sub", type=arguments.identifier, required=True, metavar="USER", help="the user's id"
    )
    parser.add_argument("--role", choices=("admin", "service"), help="default: a spectator")
    parser.add_argument(
        "--tournament",
        type=arguments.identifier,
        action="append",
        default=[],
        metavar="ID",
        help="a tournament that the user organizes; may be repeated",
    )
    parser.add_argument(
        "--minutes", type=arguments.positive, default=60, help="how long it is valid"
    )
    add_stack(parser)
    parser.set_defaults(run=_token)


def _token(options: argparse.Namespace) -> int:
    from scorecast_client.tokens import TokenSigner

    stack = stack_of(options)
    if bool(options.secret) == bool(stack):
        raise ScorecastError("Give either --secret or --stack.")
    signer = (
        stack.signer
        if stack
        else TokenSigner(options.secret, issuer=options.issuer, audience=options.audience)
    )
    print(
        signer.token(
            options.sub,
            now=datetime.now(UTC),
            minutes=options.minutes,
            role=options.role,
            tournaments=tuple(options.tournament),
        )
    )
    return 0
