"""Nodes that keep what they were told, and the judge who compares that with what the database holds in the end."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

Query = Callable[..., list[tuple[Any, ...]]]
Send = Callable[[str, dict[str, Any]], int]
NO_ANSWER = 0
PAUSES = (0.25, 0.5, 1.0)  # before a report is tried again; then the last one, as a daemon would within its interval


@dataclass(frozen=True)
class Answer:
    """What one request came to. `number` is what it wrote; times are monotonic seconds."""

    node_id: str
    kind: str  # "register" or "heartbeat"
    number: int
    began: float
    seconds: float
    status: int


@dataclass
class History:
    """Every request of a fleet, in the order of the answers."""

    answers: list[Answer] = field(default_factory=list)

    def since(self, began: float) -> "History":
        """Only what began later than that."""
        return History([one for one in list(self.answers) if one.began >= began])

    @property
    def statuses(self) -> Counter[int]:
        """How often each status was answered; 0 when nobody did."""
        return Counter(one.status for one in list(self.answers))

    @property
    def broken(self) -> list[Answer]:
        """Answers that no fault excuses: every 5xx but 503, and every refusal."""
        return [one for one in list(self.answers) if one.status not in (NO_ANSWER, 200, 503)]

    def slowest(self, share: float = 1.0) -> float:
        """The seconds within which this share of all requests was answered."""
        taken = sorted(one.seconds for one in list(self.answers))
        return taken[min(int(len(taken) * share), len(taken) - 1)] if taken else 0.0

    def acknowledged(self, node_id: str, kind: str) -> int:
        """The highest number of a node that was taken; 0 when none was."""
        of_it = (one for one in self.answers if (one.node_id, one.kind, one.status) == (node_id, kind, 200))
        return max((one.number for one in of_it), default=0)

    def lost(self, query: Query) -> list[str]:
        """What was acknowledged and is not in the database, or older there."""
        rows = query("SELECT node_id, beat_number, name FROM cluster_nodes")
        held = {node_id: (beat or 0, int(name.rpartition(" ")[2])) for node_id, beat, name in rows if " " in name}
        found = []
        for node_id in {one.node_id for one in self.answers}:
            beat, name = held.get(node_id, (0, 0))
            if (wanted := self.acknowledged(node_id, "heartbeat")) > beat:
                found.append(f"{node_id}: heartbeat {wanted} was acknowledged, {beat} is stored")
            if (wanted := self.acknowledged(node_id, "register")) > name:
                found.append(f"{node_id}: registration {wanted} was acknowledged, {name} is stored")
        return found


def false_offline(query: Query, node_ids: Iterable[str]) -> list[tuple[Any, ...]]:
    """The times that nodes were announced offline which never stopped reporting."""
    chosen = "SELECT node_id, reason, at FROM node_transitions WHERE to_status = 'offline' AND node_id = ANY(%s)"
    return query(chosen, list(node_ids))


class Reporters:
    """Nodes that register, send a heartbeat every second, and now and then register anew under another name."""

    def __init__(self, send: Send, count: int, name: str = "node", every: float = 1.0) -> None:
        self.history = History()
        self.node_ids = [f"{name}-{number:02}" for number in range(count)]
        self._send, self._every, self._stop = send, every, threading.Event()
        self._threads = [threading.Thread(target=self._live, args=(one,), daemon=True) for one in self.node_ids]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()

    def end(self) -> None:
        """No more reports; those under way are waited for."""
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def all_heard(self, since: float) -> bool:
        """Whether every node was acknowledged a heartbeat that it sent later than that."""
        later = {one.node_id for one in self.history.since(since).answers if one.status == 200}
        return later == set(self.node_ids)

    def _live(self, node_id: str) -> None:
        number = 0
        self._insist(node_id, "register", 1)
        while not self._stop.wait(self._every):
            number += 1
            self._insist(node_id, "heartbeat", number)
            if number % 4 == 0:
                self._insist(node_id, "register", 1 + number // 4)

    def _insist(self, node_id: str, kind: str, number: int) -> None:
        """Until it is taken, or nobody wants to know any more."""
        for turn in range(1_000_000):
            if self._try(node_id, kind, number) == 200 or self._stop.wait(PAUSES[min(turn, len(PAUSES) - 1)]):
                return

    def _try(self, node_id: str, kind: str, number: int) -> int:
        path, body = f"/heartbeat/{node_id}", {"bootId": f"boot-of-{node_id}", "beatNumber": number, "cpuUsage": 0.5}
        if kind == "register":
            path, body = "/register", {"nodeId": node_id, "host": "127.0.0.1", "port": 3101, "name": f"name {number}"}
        began = time.monotonic()
        status = self._send(path, body)
        self.history.answers.append(Answer(node_id, kind, number, began, time.monotonic() - began, status))
        return status
