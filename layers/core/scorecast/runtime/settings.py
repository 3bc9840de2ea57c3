"""Each function's environment: read once, at cold start, and checked.

The first classes name what one part of `wiring` needs; a function's class is made of those of its
parts. It lists the variables that the function reads, in lower case, and the template passes
exactly these (a test compares them).
"""

import os
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn, dataclass_transform, get_type_hints


class BadSetting(Exception):
    """A variable is missing or wrong. The message names it and never quotes its value."""


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Settings:
    """The fields are the annotations. Not a dataclass: making so many takes longer to start than
    anything else in this package."""

    def __init__(self, **values: object) -> None:
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{name} is read once")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(tuple(vars(self).items()))


class TokenSettings(Settings):
    jwt_algorithm: str
    jwt_secret_arn: str
    jwks_url: str
    jwt_issuer: str
    jwt_audience: str
    jwt_user_claim: str
    jwt_role_claim: str


class ConnectionsSettings(Settings):
    connections_table: str


class MatchesSettings(Settings):
    matches_table: str


class HistoryTableSettings(Settings):
    history_table: str


class GatewaySettings(Settings):
    gateway_endpoint: str


class SweepQueueSettings(Settings):
    sweep_queue_url: str


class FlushQueueSettings(Settings):
    flush_queue_url: str


class RegistrySettings(ConnectionsSettings, SweepQueueSettings):
    """For parts that count connections and members, and have the counts published."""


class DisconnectorSettings(RegistrySettings, GatewaySettings):
    """For parts that close connections."""


class PosterSettings(MatchesSettings, ConnectionsSettings, SweepQueueSettings, GatewaySettings):
    """For parts that post to connections and follow up on the outcome."""


class BroadcastSettings(PosterSettings, RegistrySettings):
    fanout_queue_url: str
    posts_per_second_budget: int


class PrivacySettings(Settings):
    publish_user_ids: bool


class SubscriptionsSettings(MatchesSettings, RegistrySettings, PrivacySettings):
    room_capacity: int
    rooms_per_connection: int


class MatchCommandsSettings(MatchesSettings, FlushQueueSettings):
    event_log_days: int


class HeartbeatSettings(Settings):
    heartbeat_interval_seconds: int
    heartbeat_timeout_seconds: int


class RateLimitSettings(ConnectionsSettings):
    """Rate limits of one user, and of one address."""

    messages_per_second_per_user: int
    message_burst_per_user: int
    messages_per_second_per_ip: int
    message_burst_per_ip: int


class AuthorizerSettings(TokenSettings, ConnectionsSettings):
    allowed_origins: tuple[str, ...]
    ip_hash_secret_arn: str
    require_origin: bool
    allow_anonymous: bool


class SlotSettings(Settings):
    """Connection limits of one user, and of one address."""

    connections_per_user: int
    connections_per_ip: int
    connection_limit_policy: str


class ConnectSettings(DisconnectorSettings, MatchesSettings, SlotSettings):
    welcome_queue_url: str


class DisconnectSettings(RegistrySettings):
    pass


class MessageSettings(
    TokenSettings,
    SubscriptionsSettings,
    MatchCommandsSettings,
    DisconnectorSettings,
    RateLimitSettings,
):
    message_bytes_max: int


class WelcomeSettings(SubscriptionsSettings, DisconnectorSettings, HeartbeatSettings):
    welcome_queue_url: str


class FlushSettings(BroadcastSettings, FlushQueueSettings, PrivacySettings):
    coalesce_window_ms: int
    coalesce_max_wait_ms: int
    coalesce_leading: bool


class FanoutSettings(PosterSettings):
    fanout_queue_url: str


class SweepSettings(BroadcastSettings, FlushQueueSettings, DisconnectorSettings, HeartbeatSettings):
    connects_per_second_budget: int


class HistorySettings(HistoryTableSettings):
    history_days: int
    history_dead_letter_queue_url: str


class EventBusSettings(PrivacySettings):
    event_bus_name: str
    event_bus_dead_letter_queue_url: str
    publish_scores: bool


class ApiSettings(
    TokenSettings,
    MatchCommandsSettings,
    HistoryTableSettings,
    DisconnectorSettings,
    RateLimitSettings,
    SlotSettings,
    PrivacySettings,
):
    ip_hash_secret_arn: str
    edge_secret_arn: str
    socket_url: str
    http_url: str
    allowed_origins: tuple[str, ...]
    allow_anonymous: bool
    room_capacity: int


FUNCTIONS: Final[dict[str, type[Any]]] = {
    "authorizer": AuthorizerSettings,
    "connect": ConnectSettings,
    "disconnect": DisconnectSettings,
    "message": MessageSettings,
    "welcome": WelcomeSettings,
    "flush": FlushSettings,
    "fanout": FanoutSettings,
    "sweep": SweepSettings,
    "history": HistorySettings,
    "event_bus": EventBusSettings,
    "api": ApiSettings,
}

READS: Final = {
    function: frozenset(name.upper() for name in get_type_hints(settings))
    for function, settings in FUNCTIONS.items()
}
"""Names of the variables that each function reads."""

_MAY_BE_EMPTY: Final = frozenset(
    {
        "jwt_secret_arn",
        "jwks_url",
        "jwt_issuer",
        "jwt_audience",
        "allowed_origins",
        "edge_secret_arn",
    }
)
_CHOICES: Final = {
    "jwt_algorithm": frozenset({"HS256", "RS256", "ES256"}),
    "connection_limit_policy": frozenset({"reject", "replace_oldest"}),
}


def read[T](settings: type[T], environ: Mapping[str, str] = os.environ) -> T:
    """The settings of one function; BadSetting names the first variable that is wrong."""
    hints = get_type_hints(settings)
    values = {
        name: _value(name, hints[name], environ) for name in hints if not name.startswith("_")
    }
    return settings(**values)


def _value(name: str, kind: Any, environ: Mapping[str, str]) -> object:
    variable = name.upper()
    text = environ.get(variable)
    if text is None or (not text and name not in _MAY_BE_EMPTY):
        raise BadSetting(f"The environment variable {variable} is not set.")
    if name in _CHOICES and text not in _CHOICES[name]:
        choices = ", ".join(sorted(_CHOICES[name]))
        raise BadSetting(f"The environment variable {variable} must be one of {choices}.")
    return _PARSERS[kind](variable, text)


def _text(_variable: str, text: str) -> str:
    return text


def _positive(variable: str, text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) == 0:
        raise BadSetting(f"The environment variable {variable} must be a whole number above 0.")
    return int(text)


def _flag(variable: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise BadSetting(f"The environment variable {variable} must be true or false.")
    return text == "true"


def _list(_variable: str, text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


_PARSERS: Final[dict[Any, Callable[[str, str], object]]] = {
    str: _text,
    int: _positive,
    bool: _flag,
    tuple[str, ...]: _list,
}
