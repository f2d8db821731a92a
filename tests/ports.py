"""Ports of this machine for tests, of which the kernel gives none to anybody who asks for any."""

import itertools
import os
import random
import socket

FIRST, END = 20_000, 32_000  # Linux gives out those from 32768 on, macOS those from 49152 on
_number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_count = (END - FIRST) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))  # for each test process its own
_turns = itertools.count(random.randrange(_count))  # another run on this machine begins elsewhere


def free_port() -> int:
    """A port that nobody listens on, and that nobody else is given soon."""
    turns = itertools.islice(_turns, _count)
    return next(port for turn in turns if _is_free(port := FIRST + _number * _count + turn % _count))


def closed_port() -> int:
    """A port that refuses connections."""
    return free_port()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
        return True
