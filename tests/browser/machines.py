"""Machines as the control plane sees them: registered by one call, alive as long as somebody beats for them."""

import threading
from typing import Any

from tests.journeys.control_plane import ControlPlane

ALIVE = {"cpuUsage": 0.25, "memoryUsage": 0.5, "agents": [], "scope": "node"}


class Machines:
    """The nodes of one test; those that are kept alive beat twice a second."""

    def __init__(self, plane: ControlPlane) -> None:
        self.plane = plane
        self.alive: dict[str, dict[str, Any]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep_alive, daemon=True)
        self._thread.start()

    def add(self, node_id: str, *, alive: bool = True, beat: dict[str, Any] | None = None, **said: Any) -> None:
        """Register a machine and let it beat."""
        registration = {"nodeId": node_id, "name": node_id, "host": "127.0.0.1", "port": 3101, "platform": "linux"}
        registration |= {"arch": "x86_64", "cpuCount": 8, "memoryMb": 16384, **said}
        status, answer = self.plane.post("/register", registration)
        assert status == 200, answer
        self.beat(node_id, **(beat or {}))
        if alive:
            self.alive[node_id] = beat or {}

    def beat(self, node_id: str, **said: Any) -> None:
        """One heartbeat, now."""
        status, answer = self.plane.post(f"/heartbeat/{node_id}", ALIVE | said)
        assert status == 200, answer

    def change(self, node_id: str, **said: Any) -> None:
        """Beat with other figures from now on."""
        self.alive[node_id] = said
        self.beat(node_id, **said)

    def remove_all(self) -> None:
        """An empty fleet."""
        for node in self.plane.get("/nodes")[1]["nodes"]:
            self.plane.delete(f"/nodes/{node['nodeId']}")

    def stop(self) -> None:
        """Let all of them fall silent."""
        self._stop.set()
        self._thread.join(10)

    def _keep_alive(self) -> None:
        while not self._stop.wait(0.5):
            for node_id, said in list(self.alive.items()):
                self.plane.post(f"/heartbeat/{node_id}", ALIVE | said)  # the server may be away in some tests
