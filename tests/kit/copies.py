"""The processes of agents, counted over time from the processes themselves, whatever daemons say of them."""

import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

INTERVAL = 0.1
YOUNG = 2.0  # seconds in which a process may still become another program
# An agent whose id is a word of its command line; it ends at once when it is asked to.
COMMAND = ["bash", "-c", 'exec -a "$0" sleep infinity', "{id}"]
STUBBORN = ["bash", "-c", 'trap "" TERM; exec -a "$0" sleep infinity', "{id}"]  # it has to be killed

Pids = frozenset[int]


class Copies:
    """Looks every 100 ms. Times are seconds since the epoch."""

    def __init__(self, agent_ids: Iterable[str]) -> None:
        self.changes: dict[str, list[tuple[float, Pids]]] = {agent_id: [] for agent_id in agent_ids}
        self.samples, self.longest_gap = 0, 0.0
        self._names = {agent_id.encode(): agent_id for agent_id in self.changes}
        self._known: dict[int, str] = {}
        self._first_seen: dict[int, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._look()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(10)

    def of(self, agent_id: str) -> Pids:
        """Its processes at the last look."""
        return self.changes[agent_id][-1][1]

    def most(self) -> int:
        """The largest number of copies that any agent had at any look."""
        return max(len(pids) for changes in self.changes.values() for _, pids in changes)

    def seen_since(self, agent_id: str, since: float) -> Pids:
        """All of its processes at any look since then."""
        changes = self.changes[agent_id]
        ends = [at for at, _ in changes[1:]] + [float("inf")]
        return frozenset().union(*(pids for (_, pids), end in zip(changes, ends, strict=True) if end > since))

    def ended_at(self, agent_id: str, pids: Pids) -> float:
        """The first look at which none of these was left."""
        changes = self.changes[agent_id]
        last = max(number for number, (_, found) in enumerate(changes) if found & pids)
        return changes[last + 1][0]

    def started_at(self, agent_id: str) -> float:
        """The first look at which its present processes were there."""
        return self.changes[agent_id][-1][0]

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            due = max(due + INTERVAL, time.monotonic())
            self._look()

    def _look(self) -> None:
        now = time.time()
        found: dict[str, set[int]] = {agent_id: set() for agent_id in self.changes}
        pids = {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
        self._first_seen = {pid: self._first_seen.get(pid, now) for pid in pids}
        self._known = {pid: name for pid, name in self._known.items() if pid in pids}
        for pid, first_seen in self._first_seen.items():
            if pid not in self._known and now - first_seen < YOUNG and (name := self._name(pid)):
                self._known[pid] = name
        for pid, name in self._known.items():
            if _lives(pid):
                found[name].add(pid)
        self._note(now, found)

    def _note(self, now: float, found: dict[str, set[int]]) -> None:
        for agent_id, pids in found.items():
            changes = self.changes[agent_id]
            if not changes or changes[-1][1] != pids:
                changes.append((now, frozenset(pids)))
        self.longest_gap = max(self.longest_gap, now - self._last if self.samples else 0.0)
        self.samples, self._last = self.samples + 1, now

    def _name(self, pid: int) -> str:
        with suppress(OSError):
            for word in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                if word in self._names:
                    return self._names[word]
        return ""


def _lives(pid: int) -> bool:
    with suppress(OSError):
        stat = Path(f"/proc/{pid}/stat").read_bytes()
        return stat[stat.rindex(b")") + 2 :][:1] not in (b"Z", b"X")
    return False
