"""Codes of authenticator apps (TOTP): the only importer of pyotp."""

import hmac
from datetime import datetime

import pyotp

ISSUER = "Muster"
DRIFT = (0, -1, 1)  # steps of 30 s that a clock may be off


def new_secret() -> str:
    """A new secret in base32 (160 bits)."""
    return pyotp.random_base32()


def uri(secret: str, name: str) -> str:
    """What the QR code for the app holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The 30 s step that a code belongs to; None if it is not a code of about now."""
    totp = pyotp.TOTP(secret)
    current = totp.timecode(now)
    steps = (current + drift for drift in DRIFT)
    return next((s for s in steps if hmac.compare_digest(totp.generate_otp(s).encode(), code.encode())), None)
