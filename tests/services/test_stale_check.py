"""The stale check stores and announces silence: once, however often and late it runs."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.domain.nodes.events import NodeAnnouncement
from app.extensions import db
from app.gateways import event_bus
from app.services import nodes
from app.services.presence import silence
from tests.fleet import Fleet, until


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What was announced: event and node id."""
    told: list[tuple[str, str]] = []

    def note(announcements: list[NodeAnnouncement]) -> None:
        told.extend((str(one.event), one.node.node_id) for one in announcements)

    monkeypatch.setattr(event_bus, "publish", note)
    return told


def test_a_silent_node_is_announced_once(fleet: Fleet, announced: list[tuple[str, str]]) -> None:
    fleet.add()
    fleet.silence("mac-mini", 91)
    announced.clear()
    assert silence.mark_silent_nodes() == ["mac-mini"]
    assert silence.mark_silent_nodes() == []
    assert announced == [("offline", "mac-mini")]
    assert fleet.reasons() == ["registered", "silent"]
    assert (fleet.stored("mac-mini", "status"), fleet.stored("mac-mini", "status_reason")) == ("offline", "silent")


def test_a_node_that_is_heard_is_left_alone(fleet: Fleet, announced: list[tuple[str, str]]) -> None:
    fleet.add()
    fleet.silence("mac-mini", 88)
    announced.clear()
    assert silence.mark_silent_nodes() == []
    assert announced == []


def test_a_node_that_was_never_seen_is_not_announced(fleet: Fleet) -> None:
    fleet.add(manual=True)
    assert silence.mark_silent_nodes() == []


def test_the_timeline_says_how_long_and_which_agents_were_hit(fleet: Fleet) -> None:
    fleet.add(agents=("a-1", "a-2"), managed=True)
    fleet.silence("mac-mini", 91)
    silence.mark_silent_nodes()
    entry = nodes.timeline("mac-mini", None, 1)[0]
    assert (entry.from_status, entry.to_status, entry.message) == ("online", "offline", "No heartbeat for 90 s")
    assert entry.agents == ["a-1", "a-2"]


def test_agents_that_reported_themselves_until_the_end_were_hit_too(fleet: Fleet) -> None:
    fleet.add()
    fleet.beat(agents=["a-1"])
    fleet.silence("mac-mini", 91)
    fleet.age_agent("mac-mini", "a-1", 91)
    silence.mark_silent_nodes()
    assert nodes.timeline("mac-mini", None, 1)[0].agents == ["a-1"]
    assert fleet.node().agents == ("a-1",)


def test_a_degraded_node_that_goes_silent_was_degraded(fleet: Fleet) -> None:
    fleet.add()
    fleet.beat(diskUsage=0.99)
    fleet.silence("mac-mini", 91)
    silence.mark_silent_nodes()
    assert nodes.timeline("mac-mini", None, 1)[0].from_status == "degraded"


def test_a_node_that_comes_back_is_told_once_with_its_reason(fleet: Fleet) -> None:
    fleet.add()
    fleet.silence("mac-mini", 91)
    silence.mark_silent_nodes()
    fleet.beat()
    fleet.beat()
    assert fleet.reasons() == ["registered", "silent", "heartbeat"]
    assert fleet.stored("mac-mini", "status") == "online"


def test_a_node_that_registers_again_after_silence_is_told_once(fleet: Fleet) -> None:
    fleet.add()
    fleet.silence("mac-mini", 91)
    silence.mark_silent_nodes()
    fleet.add()
    fleet.beat()
    assert fleet.reasons() == ["registered", "silent", "registered"]


def test_the_time_until_silence_is_a_setting(fleet: Fleet, settings_with: Callable[..., None]) -> None:
    settings_with(offline_after=3)
    fleet.add()
    fleet.silence("mac-mini", 4)
    assert silence.mark_silent_nodes() == ["mac-mini"]
    assert nodes.timeline("mac-mini", None, 1)[0].message == "No heartbeat for 3 s"


def in_threads(app: Flask, count: int, act: Callable[[], Any]) -> list[Any]:
    """What `act` answered in threads that began together."""
    gate = threading.Barrier(count)

    def run() -> Any:
        with app.app_context():
            gate.wait(10)
            return act()

    with ThreadPoolExecutor(count) as pool:
        return [made.result(30) for made in [pool.submit(run) for _ in range(count)]]


def test_checks_at_the_same_time_announce_each_node_once(
    app: Flask, fleet: Fleet, announced: list[tuple[str, str]]
) -> None:
    ids = [f"n-{number:02}" for number in range(30)]
    for node_id in ids:
        fleet.add(node_id)
        fleet.silence(node_id, 100)
    announced.clear()
    found = in_threads(app, 4, silence.mark_silent_nodes)
    assert sorted(node_id for part in found for node_id in part) == ids
    assert sorted(announced) == [("offline", node_id) for node_id in ids]
    assert all(fleet.reasons(node_id) == ["registered", "silent"] for node_id in ids)


def waits_for_a_lock(statement: str) -> bool:
    with db.engine.connect() as connection:
        look = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE :statement")
        return bool(connection.execute(look, {"statement": statement}).scalar())


def test_a_check_that_waited_for_a_beat_does_not_announce_the_node(app: Flask, fleet: Fleet) -> None:
    fleet.add()
    fleet.silence("mac-mini", 91)
    beat = db.engine.connect()
    with beat, beat.begin():
        beat.execute(text("UPDATE cluster_nodes SET last_heartbeat = now() WHERE node_id = 'mac-mini'"))
        with ThreadPoolExecutor(1) as pool:
            check = pool.submit(in_threads, app, 1, silence.mark_silent_nodes)
            until(lambda: waits_for_a_lock("%UPDATE cluster_nodes SET status%"))
            beat.commit()
            assert check.result(10) == [[]]
    assert fleet.reasons() == ["registered"]


def test_a_beat_that_waited_for_a_check_brings_the_node_back(app: Flask, fleet: Fleet) -> None:
    fleet.add()
    fleet.silence("mac-mini", 91)
    check = db.engine.connect()
    with check, check.begin():
        check.execute(text("UPDATE cluster_nodes SET status = 'offline', status_reason = 'silent'"))
        with ThreadPoolExecutor(1) as pool:
            beat = pool.submit(in_threads, app, 1, fleet.beat)
            until(lambda: waits_for_a_lock("%UPDATE cluster_nodes AS n%"))
            check.commit()
            beat.result(10)
    assert fleet.stored("mac-mini", "status") == "online"
    assert fleet.reasons()[-1] == "heartbeat"


def test_the_check_waits_for_a_node_in_the_order_in_which_heartbeats_lock_theirs(app: Flask, fleet: Fleet) -> None:
    for node_id in ("b", "a"):  # so they lie in the table
        fleet.add(node_id)
        fleet.silence(node_id, 91)
    with db.engine.connect() as batch:
        batch.execute(text("SELECT FROM cluster_nodes WHERE node_id = 'a' FOR UPDATE"))
        with ThreadPoolExecutor(1) as pool:
            check = pool.submit(in_threads, app, 1, silence.mark_silent_nodes)
            until(lambda: waits_for_a_lock("%UPDATE cluster_nodes SET status%"))
            batch.execute(text("SELECT FROM cluster_nodes WHERE node_id = 'b' FOR UPDATE NOWAIT"))
            batch.rollback()
            assert sorted(check.result(10)[0]) == ["a", "b"]
    assert {fleet.stored(node_id, "status") for node_id in ("a", "b")} == {"offline"}


def test_beats_and_checks_in_a_race_end_with_every_node_that_beat_online(app: Flask, fleet: Fleet) -> None:
    ids = [f"n-{number}" for number in range(8)]
    for node_id in ids:
        fleet.add(node_id)
    for _ in range(5):
        for node_id in ids:
            fleet.silence(node_id, 91)
        turns = iter([silence.mark_silent_nodes, *(lambda node_id=node_id: fleet.beat(node_id) for node_id in ids)])
        in_threads(app, len(ids) + 1, lambda turns=turns: next(turns)())
        assert {fleet.stored(node_id, "status") for node_id in ids} == {"online"}
    for node_id in ids:
        told = fleet.reasons(node_id)[1:]
        assert told == ["silent", "heartbeat"] * (len(told) // 2)
