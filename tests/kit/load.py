"""Fake nodes that register and beat from threads, try again as a daemon does, and note what they are told."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Self

from tests.kit.history import NO_ANSWER, History

BASE = "/api/engine/cluster"
PATIENCE = 5.0  # seconds for an answer
DELAYS = (0.1, 0.2, 0.4, 0.8)  # seconds before each further try


class Caller:
    """One client: a connection that stays open, and a new one when that broke."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._headers = {"Content-Type": "application/json", **(headers or {})}

    def post(self, path: str, body: Any) -> int:
        """The status, or 0 when there was no answer."""
        return self.send("POST", path, json.dumps(body).encode())

    def send(self, method: str, path: str, body: bytes | None = None) -> int:
        """The same for any method, and a body that may be anything."""
        try:
            self._connection.request(method, BASE + path, body, self._headers)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return NO_ANSWER
        return answer.status

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class Load:
    """Threads of clients, for the length of a block. Each lane has a connection of its own to each port."""

    def __init__(self, history: History, ports: Sequence[int], headers: dict[str, str] | None = None) -> None:
        self.history, self.ports, self.headers = history, ports, headers
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self.wait()

    def wait(self, seconds: float = 60.0) -> None:
        """Until every lane has come to its end."""
        for thread in self._threads:
            thread.join(seconds)
            assert not thread.is_alive(), "a client hangs"

    def beat(self, node_ids: Sequence[str], every: float, lanes: int = 4) -> None:
        """Let these nodes, which are registered first, beat every so many seconds from now on."""
        for lane in range(lanes):
            self._start(self._beat_lane, node_ids[lane::lanes], every)

    def register(self, node_ids: Sequence[str], per_second: float, lanes: int = 8) -> list[threading.Thread]:
        """Register all of these, at that pace, each until it is acknowledged."""
        return [self._start(self._register_lane, node_ids[lane::lanes], lanes / per_second) for lane in range(lanes)]

    def _start(self, run: Callable[..., None], *arguments: Any) -> threading.Thread:
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _callers(self) -> list[Caller]:
        return [Caller(port, self.headers) for port in self.ports]

    def _register_lane(self, node_ids: Sequence[str], every: float) -> None:
        callers, due = self._callers(), time.monotonic()
        for node_id in node_ids:
            time.sleep(max(due - time.monotonic(), 0))
            due += every
            while not self._register(callers, node_id) and not self._stop.is_set():
                pass
        _close(callers)

    def _beat_lane(self, node_ids: Sequence[str], every: float) -> None:
        callers = self._callers()
        for node_id in node_ids:
            while not self._register(callers, node_id) and not self._stop.is_set():
                pass
        due = time.monotonic()
        while not self._stop.wait(max(due - time.monotonic(), 0)):
            for number, node_id in enumerate(node_ids):
                # Spread over the interval, as jitter spreads a fleet.
                if self._stop.wait(max(due + every * number / len(node_ids) - time.monotonic(), 0)):
                    break
                self._beat(callers, node_id, number)
            due += every
        _close(callers)

    def _register(self, callers: list[Caller], node_id: str) -> bool:
        body = {"nodeId": node_id, "host": "127.0.0.1", "port": 3101}
        return self._try(
            callers, hash(node_id), lambda caller: self.history.register(node_id, caller.post("/register", body))
        )

    def _beat(self, callers: list[Caller], node_id: str, number: int) -> bool:
        def once(caller: Caller) -> bool:
            at = time.time()
            return self.history.beat(node_id, at, caller.post(f"/heartbeat/{node_id}", {"cpuUsage": 0.5}))

        return self._try(callers, number, once)

    def _try(self, callers: list[Caller], number: int, once: Callable[[Caller], bool]) -> bool:
        """Whether it was acknowledged, at the first try or a later one."""
        for step, delay in enumerate((*DELAYS, 0)):
            if once(callers[(number + step) % len(callers)]):
                return True
            if self._stop.wait(delay):
                return False
        return False


def _close(callers: list[Caller]) -> None:
    for caller in callers:
        with suppress(OSError):
            caller.close()
