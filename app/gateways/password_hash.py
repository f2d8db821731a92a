"""argon2id: the only importer of argon2. Each hash takes 46 MiB and a tenth of a second, so few run at once."""

from collections.abc import Callable
from functools import cache
from threading import BoundedSemaphore
from typing import TypeVar

import gevent
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHash
from gevent import monkey
from gevent.threadpool import ThreadPool

from app.domain.errors import Unavailable
from app.domain.identity.password import normal

AT_ONCE = 2
PATIENCE = 5.0  # seconds

T = TypeVar("T")
_hasher = PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1)
_turns = BoundedSemaphore(AT_ONCE)


def make(password: str) -> str:
    """The hash of a password. Raises Unavailable when too many are being hashed."""
    return _run(lambda: _hasher.hash(normal(password)))


def matches(stored: str | None, password: str) -> bool:
    """Whether a password fits its hash; without a hash it never does, and takes as long to say so."""
    return _run(lambda: _matches(stored, password))


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _matches(stored: str | None, password: str) -> bool:
    # Made for everybody, so that the first person without a hash does not wait longer than others.
    nobodys = _of_nobody()
    try:
        return _hasher.verify(stored or nobodys, normal(password)) and stored is not None
    except (Argon2Error, InvalidHash):
        return False


@cache
def _of_nobody() -> str:
    return _hasher.hash("a password that nobody has")


def _run(work: Callable[[], T]) -> T:
    """Beside the event loop, where there is one: a hash must not hold up heartbeats."""
    if monkey.is_module_patched("threading"):
        with gevent.Timeout(PATIENCE, _busy()):
            return _pool().apply(work)  # type: ignore[no-any-return]
    if not _turns.acquire(timeout=PATIENCE):
        raise _busy()
    try:
        return work()
    finally:
        _turns.release()


@cache
def _pool() -> ThreadPool:
    return ThreadPool(AT_ONCE)


def _busy() -> Unavailable:
    return Unavailable("Too many people sign in at the moment; try again in a few seconds")
