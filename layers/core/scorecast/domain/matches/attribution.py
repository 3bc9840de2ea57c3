"""The ids of users in events and snapshots: for officials and the match's participants, unless the
operator publishes them."""

from collections.abc import Mapping
from typing import Any, Final

from scorecast.protocol.roles import Role

USER_IDS: Final = frozenset(
    {
        "updated_by",
        "started_by",
        "changed_by",
        "initiated_by",
        "confirmed_by",
        "amended_by",
        "reopened_by",
        "resolved_by",
        "registered_by",
        "deleted_by",
    }
)
"""The fields of events and snapshots that name a user."""


def may_see_users(role: Role) -> bool:
    return role is not Role.SPECTATOR


def without_users[Fields: Mapping[str, Any]](fields: Fields) -> Fields:
    """An event's or a snapshot's data without users, for everyone."""
    kept = {name: value for name, value in fields.items() if name not in USER_IDS}
    if "updates" in kept:
        kept["updates"] = [without_users(update) for update in kept["updates"]]
    return kept  # type: ignore[return-value]
