"""A viewer that comes back goes on where it was: nothing is lost, nothing comes twice."""

import json
from contextlib import closing

import pytest
from flask import Flask

from app.api.streaming.hub import Hub
from app.api.streaming.snapshots import Snapshots
from app.domain.identity.actor import SYSTEM
from app.gateways.event_bus import STREAM
from app.services import nodes
from tests.api.sse import SNAPSHOT, Reader, settled, usage, watching
from tests.fleet import Fleet, until


def test_a_viewer_that_comes_back_gets_exactly_what_it_missed(port: int, three: Fleet) -> None:
    with watching(port) as other:
        viewer = settled(port, three)
        viewer.close()
        three.beat("n-1")
        three.add("n-3")
        nodes.remove_node(SYSTEM, "n-2")
        other.until(lambda message: message.is_node and message.data.get("removed", False))
        with watching(port, last_id=viewer.last_id) as back:
            assert back.told(3) == [("heartbeat", "n-1"), ("register", "n-3"), ("offline", "n-2")]
            three.beat("n-0")
            assert back.told(1) == [("heartbeat", "n-0")]


def test_a_viewer_that_missed_nothing_gets_no_snapshot(port: int, three: Fleet) -> None:
    viewer = settled(port, three)
    viewer.close()
    with watching(port, last_id=viewer.last_id) as back:
        until(lambda: back.retry)
        three.beat("n-2")
        assert back.told(1) == [("heartbeat", "n-2")]


def test_many_breaks_lose_and_repeat_nothing(port: int, three: Fleet) -> None:
    viewer = settled(port, three)
    seen: list[float] = []
    for number in range(1, 31):
        three.beat("n-1", cpuUsage=number / 100)
        if number % 7 == 0:
            seen += [message.data["metadata"]["cpuUsage"] for message in viewer.nodes(3)]
            viewer.close()
            viewer = Reader(port, last_id=viewer.last_id)
    while len(seen) < 30:
        seen += [message.data["metadata"]["cpuUsage"] for message in viewer.nodes(1)]
    viewer.close()
    assert seen == [number / 100 for number in range(1, 31)]


def test_a_viewer_may_break_off_within_a_batch(app: Flask, port: int, three: Fleet) -> None:
    with watching(port) as other:
        viewer = settled(port, three)
        viewer.close()
        lines = [json.dumps({"type": "node", "event": "heartbeat", "nodeId": f"n-{n}"}) for n in range(3)]
        entry = app.extensions["redis_client"].xadd(STREAM, {"e": "\n".join(lines)}).decode()
        three.beat("n-0")
        other.until(lambda message: message.is_node and message.told == ("heartbeat", "n-0") and bool(message.id))
        until(lambda: app.extensions["stream_hub"]._position > entry)
        with watching(port, last_id=f"{entry}.0") as back:
            assert back.told(3) == [("heartbeat", "n-1"), ("heartbeat", "n-2"), ("heartbeat", "n-0")]


def test_who_breaks_off_within_a_snapshot_gets_a_fresh_one(port: int, three: Fleet) -> None:
    settled(port, three).close()
    with watching(port) as viewer:
        first = viewer.nodes(1)[0]
    with watching(port, last_id=first.id) as back:
        assert set(back.told(3)) == SNAPSHOT


def test_who_saw_the_whole_snapshot_gets_no_second_one(port: int, hub: Hub, three: Fleet) -> None:
    settled(port, three).close()
    hub.snapshots = Snapshots()
    with watching(port) as viewer:
        viewer.nodes(3)
        last = viewer.last_id
    three.beat("n-1")
    with watching(port, last_id=last) as back:
        assert back.told(1) == [("heartbeat", "n-1")]


@pytest.mark.parametrize("last_id", ["1-0", "1-0.5", "0", "0-0", "x", "9999999999999-0", "-", "1-x.1", "$", "٣-٤"])
def test_a_position_that_is_too_old_or_nonsense_means_a_snapshot(port: int, three: Fleet, last_id: str) -> None:
    settled(port, three).close()
    with watching(port, last_id=last_id.encode().decode("latin-1")) as viewer:
        assert set(viewer.told(3)) == SNAPSHOT


def test_a_line_number_without_end_means_a_snapshot(port: int, three: Fleet) -> None:
    viewer = settled(port, three)
    viewer.close()
    with watching(port, last_id=f"{viewer.last_id}{'9' * 5000}") as back:
        assert set(back.told(3)) == SNAPSHOT


def test_a_viewer_that_is_ahead_of_this_process_is_served_too(app: Flask, port: int, three: Fleet) -> None:
    settled(port, three).close()
    line = json.dumps({"type": "node", "event": "heartbeat", "nodeId": "n-1"})
    entry = app.extensions["redis_client"].xadd(STREAM, {"e": line}).decode()  # heard by another process only
    with watching(port, last_id=f"{entry}.0") as viewer:
        assert set(viewer.told(3)) == SNAPSHOT


def test_the_position_may_stand_in_the_address(port: int, three: Fleet) -> None:
    viewer = settled(port, three)
    viewer.close()
    three.beat("n-2")
    with watching(port, query=f"?position={viewer.last_id}") as back:
        assert back.told(1) == [("heartbeat", "n-2")]


def test_changes_during_a_snapshot_are_not_lost(port: int, hub: Hub, three: Fleet) -> None:
    read, changed = nodes.list_nodes, usage(0.77)
    with closing(settled(port, three)) as other, pytest.MonkeyPatch.context() as patch:

        def slow() -> nodes.Fleet:
            found = read()
            three.beat("n-1", cpuUsage=0.77)  # after the snapshot was read, before it is sent
            other.until(changed)
            return found

        hub.snapshots = Snapshots()
        patch.setattr(nodes, "list_nodes", slow)
        with watching(port) as viewer:
            assert viewer.until(changed)[-1].told == ("heartbeat", "n-1")
