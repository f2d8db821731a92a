"""Wishes about one agent, one after the other; about several agents side by side."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import Iterable, Iterator, Set

from node_daemon.agents.supervisor import SupervisorBusy

LONGEST_TURN = 20.0


class Turn:
    """Each agent is started, stopped or restarted by one wish at a time: two at once would start second copies."""

    def __init__(self) -> None:
        self._taken: Set[str] = set()
        self._changed = threading.Condition()

    @contextmanager
    def wait(self, agent_ids: Iterable[str]) -> Iterator[None]:
        """Have the turn for all of these agents, after at most LONGEST_TURN seconds. Raises SupervisorBusy."""
        wanted = set(agent_ids)
        with self._changed:
            if not self._changed.wait_for(lambda: not wanted & self._taken, LONGEST_TURN):
                raise SupervisorBusy("another restart on this node has not ended yet")
            self._taken |= wanted
        try:
            yield
        finally:
            self._give_back(wanted)

    @contextmanager
    def of_those_free(self, agent_ids: Iterable[str]) -> Iterator[Set[str]]:
        """Have the turn for those of these agents that nobody has it for: says which."""
        with self._changed:
            free = set(agent_ids) - self._taken
            self._taken |= free
        try:
            yield free
        finally:
            self._give_back(free)

    def _give_back(self, agent_ids: Set[str]) -> None:
        with self._changed:
            self._taken -= agent_ids
            self._changed.notify_all()
