"""How often somebody may try to sign in: counted in Postgres, so exactly across processes, and without Redis."""

import hashlib
from datetime import timedelta

from sqlalchemy import text

from app.domain.errors import TooManyRequests
from app.domain.identity.person import guesser
from app.extensions import db
from app.services.transaction import transaction

WINDOW = timedelta(minutes=1)
PER_ACCOUNT, PER_ADDRESS = 5, 20

# The lock on the row makes the count exact; clock_timestamp() is read after it was taken.
_SPEND = text("""
INSERT INTO sign_in_guesses AS known (subject, times) VALUES (:subject, ARRAY[clock_timestamp()])
ON CONFLICT (subject) DO UPDATE
    SET times = (known.times || clock_timestamp())[greatest(1, cardinality(known.times) + 2 - :most):]
    WHERE cardinality(known.times) < :most OR known.times[1] <= clock_timestamp() - CAST(:past AS interval)
RETURNING true
""")
_WAIT = text("""
SELECT ceil(extract(epoch FROM times[1] + CAST(:past AS interval) - clock_timestamp()))
FROM sign_in_guesses WHERE subject = :subject
""")


def spend(address: str, name: str | None = None) -> None:
    """Count a guess that is about to be evaluated. Raises TooManyRequests; a guess that is refused does not count."""
    with transaction():
        # Always in this order, so that two guesses never wait for each other.
        _spend(f"address:{guesser(address)}", PER_ADDRESS)
        if name is not None:
            _spend(f"account:{name.lower()}", PER_ACCOUNT)


def _spend(subject: str, most: int) -> None:
    values = {"subject": hashlib.sha256(subject.encode()).digest(), "past": WINDOW}
    if db.session.execute(_SPEND, {**values, "most": most}).first() is None:
        wait = db.session.execute(_WAIT, values).scalar_one()
        raise TooManyRequests(max(1, int(wait)))
