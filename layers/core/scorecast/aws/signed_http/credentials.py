"""The credentials that requests to AWS are signed with."""

import os
from dataclasses import dataclass, field
from functools import cache
from typing import Any


class NoCredentials(Exception):
    """There are none, or none that are valid any more."""


@dataclass(frozen=True, slots=True)
class Credentials:
    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


def current() -> Credentials:
    """The current ones: Lambda's, which are in the environment, or what botocore finds.

    Ask before each round of requests and keep none: session credentials expire.
    """
    access_key = os.environ.get("AWS_ACCESS_KEY_ID")
    secret_key = os.environ.get("AWS_SECRET_ACCESS_KEY")
    if access_key and secret_key:
        return Credentials(access_key, secret_key, os.environ.get("AWS_SESSION_TOKEN"))
    return _found_by_botocore()


def _found_by_botocore() -> Credentials:
    from botocore.exceptions import BotoCoreError

    try:
        found = _session().get_credentials()
        if found is None:
            raise NoCredentials
        frozen = found.get_frozen_credentials()  # renews them if they are about to expire
    except BotoCoreError as error:
        raise NoCredentials from error
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token)


@cache
def _session() -> Any:
    from botocore.session import get_session

    return get_session()
