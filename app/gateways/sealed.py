"""Texts that must be stored but not be readable in the database: sealed with the deployment's SECRET_KEY."""

import hashlib
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.domain.errors import NotConfigured
from app.extensions import settings

MISSING = "This needs a SECRET_KEY: set SECRET_KEY or SECRET_KEY_FILE on every process (`openssl rand -base64 32`)"
CHANGED = (
    "This was sealed with another SECRET_KEY: set that one as FORMER_SECRET_KEY, or `flask sign-in-link NAME --reset`"
)


def seal(purpose: str, text: str) -> bytes:
    """The sealed text; it opens for the same purpose only. Raises NotConfigured without a key."""
    return _key(purpose).encrypt(text.encode())


def unseal(purpose: str, sealed: bytes) -> str:
    """The text again. Raises NotConfigured when neither key, the present and the former, has sealed it for this."""
    try:
        return _key(purpose).decrypt(sealed).decode()
    except InvalidToken as fault:
        raise NotConfigured(CHANGED) from fault


def _key(purpose: str) -> MultiFernet:
    """Seals with the present key, opens with the former one too."""
    if not settings().secret_key:
        raise NotConfigured(MISSING)
    keys = filter(None, (settings().secret_key, settings().former_secret_key))
    return MultiFernet([_of_purpose(purpose, key) for key in keys])


def _of_purpose(purpose: str, key: str) -> Fernet:
    return Fernet(urlsafe_b64encode(hashlib.sha256(f"muster:{purpose}:{key}".encode()).digest()))
