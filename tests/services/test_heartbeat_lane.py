"""Heartbeats of many threads through one connection: all answered, all committed, and failures are told."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from app.domain.errors import NodeConflict, NodeNotFound, Unavailable
from app.extensions import db
from app.services import heartbeats
from app.services.group_commit import GroupCommit
from tests.fleet import Fleet, until

THREADS = 200
LANE = "UPDATE cluster_nodes AS n SET%"


@pytest.fixture
def ids(fleet: Fleet) -> list[str]:
    """Nodes that can beat."""
    made = [f"n-{number:03}" for number in range(THREADS)]
    with db.engine.begin() as connection:
        insert = "INSERT INTO cluster_nodes (node_id, name, host, port) SELECT id, id, 'h', 1 FROM unnest(:ids) AS id"
        connection.execute(text(insert), {"ids": made})
    return made


def together(app: Flask, acts: list[Callable[[], Any]]) -> list[Any]:
    """What each answered or raised; all begin at once."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        with app.app_context():
            gate.wait(20)
            try:
                return act()
            except (Unavailable, NodeNotFound, NodeConflict) as failure:
                return failure

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts, timeout=30))


@pytest.fixture
def commits() -> Iterator[list[str]]:
    """Every statement of a heartbeat batch that is sent to the database."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if "AS n SET\n    last_heartbeat" in statement:
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)


def test_two_hundred_beats_at_once_are_committed_when_they_are_answered(
    app: Flask, fleet: Fleet, ids: list[str], commits: list[str]
) -> None:
    def beat(node_id: str) -> bool:
        fleet.beat(node_id, cpuUsage=0.5)
        return bool(fleet.stored(node_id, "cpu_usage") == 0.5)  # on another connection

    seen = together(app, [lambda node_id=node_id: beat(node_id) for node_id in ids])
    assert seen == [True] * THREADS
    assert len(commits) < THREADS / 2


def test_every_beat_of_a_mixed_batch_gets_its_own_answer(app: Flask, fleet: Fleet, ids: list[str]) -> None:
    fleet.beat(ids[0], machineId="one")
    acts = [
        lambda: fleet.beat(ids[0], machineId="two"),
        lambda: fleet.beat("nobody"),
        *[lambda node_id=node_id: fleet.beat(node_id) for node_id in ids[1:11]],
    ]
    conflict, unknown, *fine = together(app, acts)
    assert isinstance(conflict, NodeConflict)
    assert isinstance(unknown, NodeNotFound)
    assert {answer.interval_ms for answer in fine} == {30000}


def test_beats_of_one_node_at_once_are_all_answered(app: Flask, fleet: Fleet, ids: list[str]) -> None:
    acts = [lambda agent=agent: fleet.beat(ids[0], agents=[f"a-{agent:02}"]) for agent in range(20)]
    assert {answer.interval_ms for answer in together(app, acts)} == {30000}
    assert fleet.node(ids[0]).agents == tuple(f"a-{agent:02}" for agent in range(20))


def end_lane_connection() -> int:
    """As a failover or an administrator would. Returns how many connections were ended."""
    with db.engine.connect() as connection:
        end = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        ended = int(connection.execute(text(end)).scalar_one())
    db.engine.dispose()  # others than the lane's
    return ended


def test_a_connection_that_was_ended_costs_no_heartbeat(fleet: Fleet) -> None:
    fleet.add()
    fleet.beat()
    assert end_lane_connection() >= 1
    assert fleet.beat(cpuUsage=0.7).interval_ms == 30000
    assert fleet.stored("mac-mini", "cpu_usage") == 0.7


def test_a_write_that_fails_twice_fails_its_whole_batch_and_the_lane_recovers(
    app: Flask, fleet: Fleet, ids: list[str]
) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE cluster_nodes ADD CONSTRAINT no_beats CHECK (cpu_usage < 0.9)"))
    try:
        broken = together(app, [lambda: fleet.beat(ids[0], cpuUsage=1)])
        assert isinstance(broken[0], Unavailable)
    finally:
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE cluster_nodes DROP CONSTRAINT no_beats"))
    assert fleet.beat(ids[0], cpuUsage=1).interval_ms == 30000


def test_a_database_that_hangs_is_told_as_unavailable_at_the_deadline(
    app: Flask, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.add()
    fleet.beat()
    group: GroupCommit[Any, Any] = heartbeats.lane()._group
    monkeypatch.setattr(group, "_deadline", 0.1)
    with db.engine.connect() as connection, connection.begin():
        connection.execute(text("SELECT FROM cluster_nodes FOR UPDATE"))
        with pytest.raises(Unavailable, match="in time"):
            fleet.beat()
    monkeypatch.undo()
    assert until(lambda: fleet.beat(cpuUsage=0.3))
    assert fleet.stored("mac-mini", "cpu_usage") == 0.3


def test_an_unavailable_database_is_a_503_with_when_to_come_back(
    app: Flask, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.add()
    monkeypatch.setattr(heartbeats.lane()._group, "_deadline", 0.0)
    answer = app.test_client().post("/api/engine/cluster/heartbeat/mac-mini")
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "5"
    monkeypatch.undo()
    fleet.beat()
