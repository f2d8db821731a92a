"""A release with a migration, while the fleet reports: first the schema, then one web process after the other."""

import shutil
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from app.gateways import schema
from config import Settings
from tests.faults.web import TIMES, rows
from tests.fleet import until
from tests.journeys.conftest import a_database, make_plane
from tests.journeys.control_plane import ROOT, ControlPlane
from tests.kit.history import Reporters, false_offline
from tests.kit.load import Clients
from tests.kit.proof import Proof

NEXT = "9999"
MIGRATION = f'''"""What a next release may do to the busiest table."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "{NEXT}", "{schema.newest()}"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("cluster_nodes", sa.Column("next_thing", sa.Integer(), server_default="7", nullable=False))
    op.create_index("ix_next_thing", "cluster_nodes", ["next_thing"])


def downgrade() -> None:
    op.drop_column("cluster_nodes", "next_thing")
'''
pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture
def pair(tmp_path: Path, settings: Settings) -> Iterator[ControlPlane]:
    """A control plane with two web processes."""
    with a_database(settings, "upgrade") as database_url:
        plane = make_plane(tmp_path, settings, database_url, TIMES)
        try:
            plane.start().start_web("second")
            yield plane
        finally:
            plane.stop()


def test_f29_a_migration_and_new_processes_under_heartbeats_lose_nothing(
    pair: ControlPlane, tmp_path: Path, proof: Proof
) -> None:
    migrations = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", migrations)
    (migrations / "versions" / f"{NEXT}_next.py").write_text(MIGRATION)
    with (
        Clients(pair.ports["web"], pair.ports["second"]) as clients,
        Reporters(clients.post, 30, "upgraded", every=0.5) as reporters,
    ):
        until(lambda: reporters.all_heard(0), 20)
        began = time.monotonic()
        release = pair.run("release", "-m", "flask", "--app", "wsgi", "db", "upgrade", "--directory", str(migrations))
        assert release.wait(120) == 0
        took = time.monotonic() - began
        # The former release on the new schema: still ready, or a balancer would drop all of its processes at once.
        assert [pair.get("/readyz", base="", name=name)[0] for name in ("web", "second")] == [200, 200]
        for name in ("web", "second"):
            pair.terminate(name)
            pair.start_web(name)
        ended = time.monotonic()
        until(lambda: reporters.all_heard(ended), 20)
        reporters.end()
    query, statuses = partial(rows, pair.dsn), reporters.history.statuses

    assert query("SELECT DISTINCT next_thing FROM cluster_nodes") == [(7,)]
    assert reporters.history.lost(query) == []
    assert false_offline(query, reporters.node_ids) == []
    assert reporters.history.broken == []
    proof.row(
        "F29 a migration of the busiest table and new web processes, one by one, under 60 heartbeats a second",
        "no acknowledged write lost, no false offline, no 500; the former release stays ready on the new schema",
        f"0 of {statuses[200]} lost, 0 offline, {statuses[503]} x 503, {statuses[0]} without an answer; "
        f"release took {took:.1f} s",
    )


def test_f29_a_node_that_knows_only_the_first_protocol_goes_on(pair: ControlPlane, proof: Proof) -> None:
    node = {"nodeId": "old", "name": "Old", "host": "127.0.0.1", "port": 3101, "platform": "linux", "arch": "x64"}
    node |= {"cpuCount": 4, "memoryMb": 8192, "version": "0.5.1", "capabilities": ["browser,voice", "browser"]}
    bodies = ({"agents": ["a-1"], "cpuUsage": 0.5, "memoryUsage": 0.6}, {"agents": ["a-1", "a-2"]}, {})
    ends, beats = time.monotonic() + int(TIMES["OFFLINE_AFTER"]) + 6, 0
    assert pair.post("/register", node)[0] == 200
    while time.monotonic() < ends:
        assert pair.post("/heartbeat/old", bodies[beats % len(bodies)], name=("web", "second")[beats % 2])[0] == 200
        beats += 1
        time.sleep(2)  # its pace
    shown = pair.get("/nodes/old")[1]

    assert (shown["status"], sorted(shown["agents"]), shown["capabilities"]) == (
        "online",
        ["a-1", "a-2"],
        ["browser", "voice"],
    )
    assert pair.reasons("old") == ["registered"]
    proof.row(
        "F29 a node that sends the keys of the first protocol only, to a new server",
        "registers, stays online, its agents and capabilities are read",
        f"{beats} of {beats} heartbeats taken over both web processes, 0 offline",
    )
