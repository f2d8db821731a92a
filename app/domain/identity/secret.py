"""Secrets that are shown once: what they look like, and the fingerprint that is stored in their place."""

import hashlib
import secrets
from enum import StrEnum

RANDOM_BYTES = 32  # 256 bits: cannot be guessed, so a plain hash of it is enough


class SecretKind(StrEnum):
    """The first letters of a secret say what it is; log redaction and people recognise it by them."""

    API_TOKEN = "mst"  # noqa: S105 - a prefix
    JOIN_TOKEN = "mjt"  # noqa: S105
    NODE_CREDENTIAL = "mnc"
    SESSION = "mss"
    SIGN_IN_LINK = "msl"


def make(kind: SecretKind) -> str:
    """A new secret such as `mst_…` (43 random characters of URL-safe base64)."""
    return f"{kind}_{secrets.token_urlsafe(RANDOM_BYTES)}"


def is_of(kind: SecretKind, presented: str) -> bool:
    """Whether a text claims to be a secret of this kind."""
    return presented.startswith(f"{kind}_")


def fingerprint(secret: str) -> bytes:
    """The SHA-256 of a secret (32 bytes): what is stored and looked up. The secret itself never is."""
    return hashlib.sha256(secret.encode()).digest()


def csrf_token(session_secret: str) -> str:
    """The token that pages of this session send with every change; no other site can know it."""
    return hashlib.sha256(b"csrf:" + session_secret.encode()).hexdigest()
