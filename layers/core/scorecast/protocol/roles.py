"""The roles that a client can have in a match or a tournament."""

from enum import StrEnum


class Role(StrEnum):
    ADMIN = "admin"
    SERVICE = "service"
    ORGANIZER = "organizer"
    PARTICIPANT = "participant"
    SPECTATOR = "spectator"
