"""Which passwords are taken, and in which form they are hashed."""

import unicodedata

from app.domain.errors import InvalidInput

SHORTEST, LONGEST = 12, 1024  # characters
FEWEST_DIFFERENT = 5
# Long enough, and still among the first that anybody would try.
SILLY = frozenset({
    "123456789012", "1234567890123456", "12345678901234567890", "administrator", "administrator1", "adminadminadmin",
    "changemechangeme", "changeme1234", "correct horse battery staple", "correcthorsebatterystaple", "iloveyou1234",
    "letmein12345", "letmeinletmein", "mustermuster", "password1234", "password12345", "password123456",
    "passwordpassword", "qwerty123456", "qwertyqwerty", "qwertyuiop12", "qwertyuiopasdfghjkl", "welcome12345",
})  # fmt: skip


def normal(password: str) -> str:
    """The same text for the same password, whichever keyboard typed it."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, name: str) -> None:
    """Raises InvalidInput with what to do better."""
    if fault := _fault(normal(password), name):
        raise InvalidInput(f"The password {fault}", {"new": fault})


def _fault(password: str, name: str) -> str:
    plain = password.casefold()
    if not SHORTEST <= len(password) <= LONGEST:
        return f"must have {SHORTEST}-{LONGEST} characters"
    if plain.strip() == name.casefold():
        return "must not be the name"
    if plain in SILLY or len(set(plain)) < FEWEST_DIFFERENT:
        return "is one of the first that anybody would try: choose another"
    return ""
