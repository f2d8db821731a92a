"""Clocks are set by hours while the fleet reports: the database's, by which all nodes are judged, and others."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg2
import pytest

from app.domain.jobs import ENDED
from config import Settings
from tests.faults.web import TIMES, rows, skewed
from tests.fleet import until
from tests.journeys.conftest import a_database, make_plane
from tests.journeys.control_plane import ControlPlane
from tests.kit.history import Reporters, false_offline
from tests.kit.load import Clients
from tests.kit.proof import Proof

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
HOURS = 2
# Found before the functions of Postgres by every session that begins later. What rows have by default stays right.
CLOCK = """
CREATE SCHEMA stepped;
CREATE TABLE stepped.clock (ahead interval);
INSERT INTO stepped.clock VALUES ('0');
CREATE FUNCTION stepped.now() RETURNS timestamptz STABLE LANGUAGE sql
    AS 'SELECT pg_catalog.now() + (SELECT ahead FROM stepped.clock)';
CREATE FUNCTION stepped.clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql
    AS 'SELECT pg_catalog.clock_timestamp() + (SELECT ahead FROM stepped.clock)';
"""


@pytest.fixture
def plane(tmp_path: Path, settings: Settings) -> Iterator[ControlPlane]:
    """Web, Celery and beat on a database whose clock can be set."""
    with a_database(settings, "clock") as database_url:
        made = make_plane(tmp_path, settings, database_url, TIMES)
        name = database_url.rpartition("/")[2]
        execute(made, f'{CLOCK} ALTER DATABASE "{name}" SET search_path = stepped, pg_catalog, public')
        try:
            yield made.start()
        finally:
            made.stop()


@pytest.fixture
def skew(tmp_path: Path) -> Path:
    """Says by how many seconds the clock of the control plane's host is ahead."""
    path = tmp_path / "skew"
    path.write_text("0")
    return path


@pytest.fixture
def skewed_plane(tmp_path: Path, settings: Settings, skew: Path) -> Iterator[ControlPlane]:
    """Web, Celery and beat on a host whose clock can be set; that of the database is right."""
    with a_database(settings, "host-clock") as database_url:
        made = make_plane(tmp_path, settings, database_url, TIMES | skewed(skew))
        try:
            yield made.start()
        finally:
            made.stop()


def execute(plane: ControlPlane, sql: str) -> None:
    """Run a statement and commit it."""
    connection = psycopg2.connect(plane.dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
    connection.close()


def set_clock(plane: ControlPlane, hours: int) -> None:
    """From now on the database's clock is that much ahead."""
    execute(plane, f"UPDATE stepped.clock SET ahead = '{hours} h'")  # noqa: S608 - our own number


def statuses(plane: ControlPlane) -> set[str]:
    """Of all nodes."""
    return {node["status"] for node in plane.get("/nodes")[1]["nodes"]}


def test_f18_a_step_of_the_databases_clock_takes_nobody_offline(plane: ControlPlane, proof: Proof) -> None:
    steps, took, query = (HOURS, 0, -HOURS, 0)[: proof.count(full=4, small=2)], [], partial(rows, plane.dsn)
    patience = int(TIMES["OFFLINE_AFTER"]) + 3  # longer than until silence is told
    with Clients(plane.ports["web"]) as clients, Reporters(clients.post, 20, "stepped") as reporters:
        until(lambda: reporters.all_heard(0), 20)
        for hours in steps:
            set_clock(plane, hours)
            began = time.monotonic()
            until(lambda: statuses(plane) == {"online"}, patience, 0.1)
            took.append(time.monotonic() - began)
            time.sleep(patience)
            assert statuses(plane) == {"online"}
        flips = false_offline(query, reporters.node_ids)
        set_clock(plane, steps[-1] - HOURS)  # and all of them die with the next one
        reporters.end()
    ended = time.monotonic()
    until(lambda: len(false_offline(query, reporters.node_ids)) == 20, 2 * patience, 0.1)
    told = time.monotonic() - ended

    assert flips == []
    assert reporters.history.broken == []
    proof.row(
        f"F18 the database's clock set by {HOURS} h {len(steps)} times, to and fro, under heartbeats of 20 nodes",
        "0 false offline, all online at the next heartbeat; who dies as the clock is set back is found silent in time",
        f"0; shown online after {max(took):.1f} s at most; all 20 told {told:.1f} s after their last heartbeat "
        f"(OFFLINE_AFTER {TIMES['OFFLINE_AFTER']} s)",
    )


def test_f18_a_step_of_the_clock_of_the_control_planes_host_changes_nothing(
    skewed_plane: ControlPlane, skew: Path, proof: Proof
) -> None:
    plane, patience, took = skewed_plane, int(TIMES["OFFLINE_AFTER"]) + 3, []
    query = partial(rows, plane.dsn)
    steps = (HOURS, 0, -HOURS, 0, -HOURS)[: proof.count(full=5, small=3)]
    with Clients(plane.ports["web"]) as clients, Reporters(clients.post, 20, "stepped") as reporters:
        until(lambda: reporters.all_heard(0), 20)
        for hours in steps:
            skew.write_text(str(hours * 3600))
            began = time.monotonic()
            _, answer = plane.post(f"/nodes/{reporters.node_ids[0]}/ping")
            until(lambda: plane.get(f"/jobs/{answer['jobId']}")[1]["state"] in ENDED, patience)  # noqa: B023
            took.append(time.monotonic() - began)
            time.sleep(patience)
            assert statuses(plane) == {"online"}
        flips = false_offline(query, reporters.node_ids)
        reporters.end()
    ended = time.monotonic()
    until(lambda: len(false_offline(query, reporters.node_ids)) == 20, 2 * patience, 0.1)
    told = time.monotonic() - ended

    assert flips == []
    assert reporters.history.broken == []
    proof.row(
        f"F18 the clock of the host of web, Celery and beat set by {HOURS} h {len(steps)} times, to and fro, under "
        "heartbeats of 20 nodes",
        "0 false offline, jobs end, who dies after it is found silent in time",
        f"0; jobs ended within {max(took):.1f} s; all 20 told {told:.1f} s after their last heartbeat "
        f"(OFFLINE_AFTER {TIMES['OFFLINE_AFTER']} s)",
    )
