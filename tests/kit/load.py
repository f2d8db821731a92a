"""Clients that stay connected, and go to the next web process when one is gone; and registrations at a pace."""

import http.client
import json
import threading
import time
from collections.abc import Sequence
from itertools import pairwise
from types import TracebackType
from typing import Any, Self

from tests.kit.history import NO_ANSWER, Answer, History

BASE = "/api/engine/cluster"
PATIENCE = 10.0  # seconds for an answer


class Clients:
    """Sends from any thread; each has a connection of its own, which stays open until it breaks or all are closed."""

    def __init__(self, *ports: int, headers: dict[str, str] | None = None, patience: float = PATIENCE) -> None:
        self._ports, self._patience, self._headers = (
            ports,
            patience,
            {"Content-Type": "application/json", **(headers or {})},
        )
        self._own = threading.local()
        self._open: list[http.client.HTTPConnection] = []
        self._turn = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for connection in self._open:
            connection.close()

    def post(self, path: str, body: Any) -> int:
        """The status, or 0 when there was no answer; then the next try goes to the next process."""
        return self.send("POST", path, json.dumps(body).encode())

    def send(self, method: str, path: str, body: bytes | None = None) -> int:
        """The same for any method, and a body that may be anything."""
        connection = self._connection()
        try:
            connection.request(method, BASE + path, body, self._headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            del self._own.connection
            return NO_ANSWER
        return answer.status

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self._own, "connection"):
            self._turn += 1
            port = self._ports[self._turn % len(self._ports)]
            self._own.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=self._patience)
            self._open.append(self._own.connection)
        made: http.client.HTTPConnection = self._own.connection
        return made


class Storm:
    """Registrations of new nodes at a pace, each repeated until it is acknowledged."""

    def __init__(self, clients: Clients, count: int, per_second: float, name: str = "stormy", lanes: int = 8) -> None:
        self.node_ids = [f"{name}-{number}" for number in range(count)]
        self.history = History()
        self._clients, self._every = clients, lanes / per_second
        self._lanes = [
            threading.Thread(target=self._run, args=(self.node_ids[lane::lanes],), daemon=True) for lane in range(lanes)
        ]
        for lane in self._lanes:
            lane.start()

    @property
    def is_over(self) -> bool:
        """Whether all are acknowledged."""
        return not any(lane.is_alive() for lane in self._lanes)

    def _run(self, node_ids: Sequence[str]) -> None:
        due = time.monotonic()
        for node_id in node_ids:
            time.sleep(max(due - time.monotonic(), 0))  # the pace
            due += self._every
            while self._register(node_id) != 200:
                time.sleep(0.1)

    def _register(self, node_id: str) -> int:
        body = {"nodeId": node_id, "host": "127.0.0.1", "port": 3101, "name": "name 1"}
        began = time.monotonic()
        status = self._clients.post("/register", body)
        self.history.answers.append(Answer(node_id, "register", 1, began, time.monotonic() - began, status))
        return status


def longest_silence(history: History) -> float:
    """The most seconds between two acknowledgements."""
    heard = sorted(one.began + one.seconds for one in history.answers if one.status == 200)
    return max((after - before for before, after in pairwise(heard)), default=0)
