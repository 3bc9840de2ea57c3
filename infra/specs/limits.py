"""The limits that a client can meet: constants with their docstrings, parameters with defaults."""

from typing import Final

from infra import template
from infra.specs import descriptions
from scorecast.protocol import limits

MET_BY_CLIENTS: Final = (
    "ID_CHARACTERS_MAX",
    "SCORE_MAX",
    "SCALE_MAX",
    "BEST_OF_MAX",
    "UNIT_CHARACTERS_MAX",
    "PERIODS_MAX",
    "PERIOD_NAME_CHARACTERS_MAX",
    "SHOOTOUT_SCORE_MAX",
    "CLOCK_MS_MAX",
    "INTEGER_MAX",
    "JSON_DEPTH_MAX",
    "DETAILS_BYTES_MAX",
    "DETAILS_DEPTH_MAX",
    "METADATA_BYTES_MAX",
    "METADATA_DEPTH_MAX",
    "REASON_CHARACTERS_MAX",
    "NAME_CHARACTERS_MAX",
    "EVENT_DATA_BYTES_MAX",
    "ORGANIZERS_MAX",
    "TOKEN_CHARACTERS_MAX",
    "TOKEN_TOURNAMENTS_MAX",
    "TICKET_SECONDS",
    "CONNECTION_SECONDS_MAX",
    "REFRESH_GRACE_SECONDS",
    "ABUSE_REFUSALS_MAX",
    "PENALTY_SECONDS",
    "PENALTY_SECONDS_MAX",
    "HANDSHAKE_BURST",
    "PROBES_MAX",
    "MESSAGE_METERED_BYTES",
    "WINDOW_MS_MAX",
)
PARAMETERS: Final = (
    "ConnectionsPerUser",
    "ConnectionsPerIp",
    "RoomCapacity",
    "RoomsPerConnection",
    "MessageBytesMax",
    "MessagesPerSecondPerUser",
    "MessageBurstPerUser",
    "MessagesPerSecondPerIp",
    "MessageBurstPerIp",
    "HeartbeatIntervalSeconds",
    "HeartbeatTimeoutSeconds",
    "CoalesceWindowMs",
    "CoalesceMaxWaitMs",
    "EventLogDays",
    "HistoryDays",
)


def fixed() -> list[tuple[str, int, str]]:
    """Name, value and meaning of every constant that a client can meet."""
    texts = descriptions.of_constants(limits)
    return [(name, getattr(limits, name), texts[name]) for name in MET_BY_CLIENTS]


def chosen() -> list[tuple[str, str, str]]:
    """Name, default and description of the template's parameters that a client can meet."""
    known = template.written()["Parameters"]
    return [(name, str(known[name]["Default"]), known[name]["Description"]) for name in PARAMETERS]
