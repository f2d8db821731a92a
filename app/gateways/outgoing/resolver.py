"""Names to addresses, within a deadline: the system's resolver knows none."""

import socket
from collections.abc import Sequence
from concurrent.futures import Future
from threading import BoundedSemaphore, Thread
from typing import Any

from app.gateways.outgoing.deadline import left

# Each look-up that hangs holds a thread until the system's resolver gives up, which may take a minute.
MOST_LOOKUPS = 64

Found = Sequence[tuple[Any, ...]]  # as of socket.getaddrinfo

_places = BoundedSemaphore(MOST_LOOKUPS)


def look_up(host: str, port: int, deadline: float) -> Found:
    """Where a name leads. Raises OSError or ValueError when nowhere, TimeoutError when that is not known in time."""
    if not _places.acquire(timeout=left(deadline)):
        raise TimeoutError
    found: Future[Found] = Future()
    Thread(target=_look_up, args=(host, port, found), daemon=True).start()
    return found.result(left(deadline))


def ask(host: str, port: int) -> Found:
    """The system's answer, however long it takes."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def ask_for_address(host: str, port: int) -> Found:
    """The same for an address in any spelling; no name is asked for. Raises OSError for a name."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)


def _look_up(host: str, port: int, found: Future[Found]) -> None:
    try:
        found.set_result(ask(host, port))
    except Exception as failure:  # noqa: BLE001 - it is raised in the thread that waits for it
        found.set_exception(failure)
    finally:
        _places.release()
