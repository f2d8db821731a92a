"""A control plane on stores that are ours to break."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Thread
from typing import Any

from psutil import Process

from tests.fleet import until
from tests.gateways.ssh.machines import Character, silent
from tests.journeys.control_plane import ControlPlane, Recorder
from tests.kit.history import Reporters, false_offline
from tests.kit.stores import Stores

# In the proportions of the promised ones (30, 90, 15, 15 s), but as quick as the deadlines of our calls allow.
TIMES = {
    "HEARTBEAT_INTERVAL": "2",
    "OFFLINE_AFTER": "10",
    "DEAF_AFTER": "3",
    "STALE_CHECK_INTERVAL": "1",
    "JOB_LEASE": "8",
    "REQUESTS_PER_MINUTE": "100000",
    "SECRET_KEY": "a key for tests that is long enough",
    "AGENT_COMMAND": "sleep 1000",
}
NODES = 8
THREADS = 4  # of the Celery worker


class Stand:
    """Web, Celery and beat, with what is asked of them in every fault."""

    def __init__(self, plane: ControlPlane, stores: Stores) -> None:
        self.plane, self.stores = plane, stores
        self.postgres, self.redis = stores.postgres, stores.redis

    @contextmanager
    def reporters(self, name: str, count: int = NODES) -> Iterator[Reporters]:
        """Nodes that report all the time; all were heard before the fault begins."""
        began = time.monotonic()
        with Reporters(lambda path, body: self.plane.post(path, body)[0], count, name) as made:
            until(lambda: made.all_heard(began), 15)
            yield made

    def recovered_after(self, reporters: Reporters, seconds: float) -> float:
        """Wait until every node is heard and the list is read; in how many seconds from now."""
        began = time.monotonic()
        until(lambda: self.plane.get("/nodes")[0] == 200 and reporters.all_heard(began), seconds)
        return time.monotonic() - began

    def register(self, node_id: str) -> int:
        """The status of a registration."""
        return self.plane.post("/register", {"nodeId": node_id, "host": "127.0.0.1", "port": 3101})[0]

    def judge(self, reporters: Reporters) -> None:
        """Nothing acknowledged is lost, nobody was announced who reported, nothing broke."""
        reporters.end()
        assert reporters.history.lost(self.postgres.query) == []
        assert false_offline(self.postgres.query, reporters.node_ids) == []
        assert reporters.history.broken == []

    def last_tick(self) -> datetime | None:
        """When the newest stale check ran: by beat, through Redis, in Celery, on Postgres."""
        found: list[tuple[Any, ...]] = self.postgres.query("SELECT last_tick FROM control_plane")
        tick: datetime | None = found[0][0]
        return tick

    def ticks_again(self, seconds: float) -> float:
        """Wait for the second new stale check; in how many seconds. The first one may have been under way before."""
        began, seen = time.monotonic(), {self.last_tick()}
        until(lambda: seen.add(self.last_tick()) or len(seen) > 2, seconds)
        return time.monotonic() - began

    def settle(self) -> None:
        """Wait until all is well, and forget every node."""
        until(lambda: self.plane.get("/readyz", base="")[0] == 200, 30)
        self.postgres.query("TRUNCATE cluster_nodes, node_transitions, jobs CASCADE")

    @contextmanager
    def stopped(self, name: str) -> Iterator[None]:
        """A process of the control plane stands still with all of its children."""
        leader = Process(self.plane.processes[name].pid)
        family = [leader, *leader.children(recursive=True)]
        for one in family:
            one.suspend()
        try:
            yield
        finally:
            for one in family:
                one.resume()

    def ask_for_deploy(self, number: int) -> tuple[int, Any]:
        """Ask for a deploy to a port that nobody listens on."""
        asked = {"host": "127.0.0.1", "port": 2 + number, "fingerprint": "SHA256:" + "A" * 43, "password": "x"}
        return self.plane.post("/deploy-via-ssh", {**asked, "nodeId": f"deployed-{number}", "agents": []})

    def deploy(self, number: int) -> str:
        """The id of a deploy that is queued now."""
        status, answer = self.ask_for_deploy(number)
        if status == 429:  # so many a minute; who asked is forgotten with the rest
            self.redis.forget()
            status, answer = self.ask_for_deploy(number)
        assert status == 202, answer
        return str(answer["jobId"])

    def ask_for_test(self) -> tuple[int, Any]:
        """Ask for a connection test of a port that nobody listens on."""
        return self.plane.post("/test-connection", {"host": "127.0.0.1", "port": 2})

    @contextmanager
    def busy_celery(self) -> Iterator[None]:
        """Every thread of the worker calls somebody who says nothing, and has an end to report after five seconds."""
        with Character(silent) as nobody:

            def call() -> None:
                self.plane.post("/test-connection", {"host": "127.0.0.1", "port": nobody.port})

            for _ in range(THREADS):
                Thread(target=call, daemon=True).start()
            running = "SELECT count(*) FROM jobs WHERE kind = 'test_connection' AND state = 'running'"
            until(lambda: self.postgres.query(running) == [(THREADS,)])
            yield

    def ended(self, job_ids: list[str]) -> bool:
        """Whether these jobs are over; without any, all of them."""
        chosen = "SELECT 1 FROM jobs WHERE state IN ('queued', 'running') AND (id::text = ANY(%s) OR %s)"
        return not self.postgres.query(chosen, job_ids, not job_ids)

    @staticmethod
    def says_delayed(viewer: Recorder, since: float) -> bool:
        """Whether a live view was told after that that what it shows may be old."""
        return any(message.get("live") is False for at, message in list(viewer.messages) if at > since)

    def announced(self, node_id: str) -> int:
        """How often its silence was told."""
        chosen = "SELECT count(*) FROM node_transitions WHERE node_id = %s AND to_status = 'offline'"
        [(found,)] = self.postgres.query(chosen, node_id)
        return int(found)

    def leads(self, name: str) -> bool:
        """Whether this beat is the one at work: only that one has Celery's own beat as its child."""
        return bool(Process(self.plane.processes[name].pid).children())
