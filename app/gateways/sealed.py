"""Texts that must be stored but not be readable in the database: sealed with the deployment's SECRET_KEY."""

import hashlib
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken

from app.domain.errors import NotConfigured
from app.extensions import settings

MISSING = "This needs a SECRET_KEY: set SECRET_KEY or SECRET_KEY_FILE on every process (`openssl rand -base64 32`)"
CHANGED = "This was sealed with another SECRET_KEY: set the former one again, or `flask sign-in-link NAME --reset`"


def seal(purpose: str, text: str) -> bytes:
    """The sealed text; it opens for the same purpose only. Raises NotConfigured without a key."""
    return _key(purpose).encrypt(text.encode())


def unseal(purpose: str, sealed: bytes) -> str:
    """The text again. Raises NotConfigured without the key that sealed it, and for another purpose."""
    try:
        return _key(purpose).decrypt(sealed).decode()
    except InvalidToken as fault:
        raise NotConfigured(CHANGED) from fault


def _key(purpose: str) -> Fernet:
    key = settings().secret_key
    if not key:
        raise NotConfigured(MISSING)
    return Fernet(urlsafe_b64encode(hashlib.sha256(f"muster:{purpose}:{key}".encode()).digest()))
