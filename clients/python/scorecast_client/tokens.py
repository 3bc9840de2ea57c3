"""Tokens for development, signed with a shared secret. In production an issuer signs them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from scorecast_client.errors import ScorecastError

SECRET_BYTES_MIN: Final = 32
"""A shorter secret is refused, here as by the server."""


class TokenError(ScorecastError):
    """The token cannot be signed."""


@dataclass(frozen=True)
class TokenSigner:
    secret: str
    algorithm: str = "HS256"
    issuer: str | None = None
    audience: str | None = None

    def __post_init__(self) -> None:
        if self.algorithm != "HS256":
            raise TokenError(f"Tokens are signed with HS256 only, not with {self.algorithm}.")
        if len(self.secret.encode()) < SECRET_BYTES_MIN:
            raise TokenError(f"The secret must be at least {SECRET_BYTES_MIN} bytes long.")

    def token(
        self,
        user_id: str,
        *,
        now: datetime,
        minutes: float = 60,
        role: str | None = None,
        tournaments: tuple[str, ...] = (),
        matches: tuple[str, ...] = (),
    ) -> str:
        claims: dict[str, Any] = {
            "sub": user_id,
            "name": user_id,
            "iat": now,
            "exp": now + timedelta(minutes=minutes),
            "iss": self.issuer,
            "aud": self.audience,
            "role": role,
            "tournaments": list(tournaments) or None,
            "matches": list(matches) or None,
        }
        import jwt  # with its cryptography, half of what a quick command takes

        given = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(given, self.secret, algorithm=self.algorithm)
