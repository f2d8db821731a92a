"""Jobs whose every step and line a test tells: straight into the database, as a runner would leave them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from uuid import uuid4

import psycopg2
from psycopg2.extras import execute_values

from tests.journeys.control_plane import ControlPlane

STEPS = (("connect", "Connect over SSH"), ("probe", "Check the machine"), ("start", "Start the daemon"))


class ToldJob:
    """A running deploy that goes on only when it is told to."""

    def __init__(self, plane: ControlPlane, node_id: str = "told", **states: str) -> None:
        self.plane, self.id, self._last = plane, str(uuid4()), 0
        with self._cursor() as cursor:
            cursor.execute(
                "INSERT INTO jobs (id, kind, state, node_id, target, started_at, deadline, asked_by, attempt)"
                ' VALUES (%s, \'deploy\', \'running\', %s, \'{"host": "10.0.0.9", "port": 22, "user": "deploy"}\','
                " now(), now() + interval '1 h', 'Mara', 1)",
                [self.id, node_id],
            )
            for position, (name, title) in enumerate(STEPS):
                cursor.execute(
                    "INSERT INTO job_steps (job_id, position, name, title, state, started_at)"
                    " VALUES (%s, %s, %s, %s, %s, now())",
                    [self.id, position, name, title, states.get(name, "waiting")],
                )

    def say(self, *texts: str, step: str = "probe") -> None:
        """More lines of its log."""
        rows = [(self.id, self._last + index, step, text) for index, text in enumerate(texts, 1)]
        self._last += len(texts)
        with self._cursor() as cursor:
            execute_values(cursor, "INSERT INTO job_log (job_id, number, step, text) VALUES %s", rows)
            cursor.execute("UPDATE jobs SET log_lines = %s WHERE id = %s", [self._last, self.id])

    def end(self, state: str, message: str = "", advice: str = "", dropped: int = 0) -> None:
        """The end of the job."""
        with self._cursor() as cursor:
            cursor.execute(
                "UPDATE jobs SET state = %s, finished_at = now(), message = %s, advice = %s, log_dropped = %s"
                " WHERE id = %s",
                [state, message, advice, dropped, self.id],
            )

    def step(self, name: str, state: str, message: str = "") -> None:
        """How far a step is."""
        with self._cursor() as cursor:
            cursor.execute(
                "UPDATE job_steps SET state = %s, message = %s WHERE job_id = %s AND name = %s",
                [state, message, self.id, name],
            )

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/operations/deployments/{self.id}"

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        with closing(psycopg2.connect(self.plane.dsn)) as connection, connection, connection.cursor() as cursor:
            yield cursor
