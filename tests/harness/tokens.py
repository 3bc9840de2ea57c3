"""Tokens as the issuer signs them."""

from typing import Any

import jwt

from tests.examples import NOW_MS, SECRET
from tests.harness.environment import AUDIENCE, ISSUER


def token(
    user_id: str,
    *,
    now_ms: int = NOW_MS,
    seconds: float = 3_600,
    secret: str = SECRET,
    **claims: Any,
) -> str:
    """A good token of this user's, with other claims or in place of the usual ones."""
    usual = {
        "sub": user_id,
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": now_ms // 1_000 + seconds,
    }
    return jwt.encode(usual | claims, secret, algorithm="HS256")
