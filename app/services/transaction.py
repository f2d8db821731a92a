"""The one transaction helper: commit first, then ring the bells."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.extensions import db

AfterCommit = Callable[[Callable[[], object]], None]
log = logging.getLogger(__name__)


@contextmanager
def transaction() -> Iterator[AfterCommit]:
    """Yield a function that saves a call for after the commit.

    The saved calls are doorbells, not records: if the process dies before one rings, the row is
    already right and a sweep (or the next heartbeat) heals it.
    """
    calls: list[Callable[[], object]] = []
    try:
        yield calls.append
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    for call in calls:
        try:
            call()
        except Exception:  # the row is saved; a bell that did not ring must not undo it
            log.exception("a call after the commit failed")
