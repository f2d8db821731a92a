"""A machine that is asked for too many logins at once hangs up on some of them (MaxStartups): few at a time."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from app.domain.deploying.ssh import SshFailure, SshFault, SshTarget
from app.gateways.ssh import limits

LOGINS_AT_ONCE = 4  # of this process, to one address

_turns: defaultdict[str, BoundedSemaphore] = defaultdict(lambda: BoundedSemaphore(LOGINS_AT_ONCE))


@contextmanager
def turn(target: SshTarget) -> Iterator[None]:
    """Wait for a turn, and give it back. Raises SshFailure when it takes too long."""
    place = _turns[target.shown.partition("@")[2]]
    if not place.acquire(timeout=limits.TURN_SECONDS):
        raise SshFailure(SshFault.CLOSED_EARLY, f"Too many other logins to {target.host} take their time")
    try:
        yield
    finally:
        place.release()
