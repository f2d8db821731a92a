"""The stream as the cluster protocol tells it: snapshot, then every change, ids, keep-alive, and no gap."""

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from flask import Flask

from app import create_app
from app.api.snapshots import Snapshots
from app.api.stream_hub import Hub
from app.extensions import db
from app.gateways.event_bus import STREAM
from app.services import nodes, silence
from config import Settings
from tests.api.sse import PATH, Message, Reader, serving, watching
from tests.fleet import CLUSTER, Fleet, until


def test_the_first_bytes_come_at_once_with_the_documented_headers(port: int, fleet: Fleet) -> None:
    with watching(port) as viewer:
        headers = viewer.response.headers
        assert viewer.response.status == 200
        assert headers["Content-Type"].startswith("text/event-stream")
        assert (headers["Cache-Control"], headers["X-Accel-Buffering"]) == ("no-cache", "no")
        assert "Content-Encoding" not in headers
        assert until(lambda: viewer.retry)


def test_viewers_are_told_to_come_back_after_different_times(port: int, fleet: Fleet) -> None:
    seen = set()
    for _ in range(6):
        with watching(port) as viewer:
            seen.add(until(lambda viewer=viewer: viewer.retry))
    assert len(seen) > 1
    assert all(1000 <= time <= 4000 for time in seen)


def test_a_viewer_gets_a_snapshot_of_every_node_as_the_list_shows_it(app: Flask, port: int, fleet: Fleet) -> None:
    fleet.add("one", agents=("a-1",))
    fleet.add("two", manual=True)
    with watching(port) as viewer:
        messages = viewer.nodes(2)
    assert sorted(message.told for message in messages) == [("snapshot", "one"), ("snapshot", "two")]
    messages.sort(key=lambda message: str(message.data["nodeId"]))
    listed = app.test_client().get(f"{CLUSTER}/nodes").json["nodes"]
    for message, node in zip(messages, listed, strict=True):
        assert {key: message.data[key] for key in node} == node


def test_every_change_is_told_as_it_happens(port: int, fleet: Fleet) -> None:
    with watching(port) as viewer:
        until(lambda: viewer.retry)
        fleet.add()
        # An event of the test before may still be on its way.
        assert viewer.until(lambda message: message.is_node and message.data["nodeId"] == "mac-mini")[-1].told == (
            "register",
            "mac-mini",
        )
        fleet.beat(cpuUsage=0.4)
        [beat] = viewer.nodes(1)
        assert beat.told == ("heartbeat", "mac-mini")
        assert beat.data["metadata"] == {"cpuUsage": 0.4}
        fleet.silence("mac-mini", 91)
        silence.mark_silent_nodes()
        [gone] = viewer.nodes(1)
        assert (gone.told, gone.data["status"]) == (("offline", "mac-mini"), "offline")
        assert "removed" not in gone.data


def test_a_removal_is_an_offline_event_that_says_so(port: int, fleet: Fleet) -> None:
    fleet.add()
    with watching(port) as viewer:
        viewer.nodes(1)
        nodes.remove_node("mac-mini")
        gone = viewer.until(lambda message: message.is_node and message.data["event"] == "offline")[-1]
        assert gone.data["removed"] is True


def test_every_message_about_a_node_has_an_id(port: int, fleet: Fleet) -> None:
    for number in range(3):
        fleet.add(f"n-{number}")
    with watching(port) as viewer:
        messages = viewer.nodes(3)
        fleet.beat("n-0")
        messages += viewer.until(lambda message: message.is_node and message.data["event"] == "heartbeat")
        assert all(message.id for message in messages if message.is_node)


def test_a_calm_stream_is_kept_alive(port: int, fleet: Fleet) -> None:
    with watching(port) as viewer:
        beats = [viewer.until(lambda message: message.data == {"type": "heartbeat"})[-1] for _ in range(3)]
    assert [message.id for message in beats] == [None] * 3


def test_a_stream_is_kept_alive_every_15_seconds_unless_told_otherwise(settings: Settings) -> None:
    assert settings.stream_keep_alive.total_seconds() == 15


def usage(cpu: float) -> Callable[[Message], bool]:
    """Wants a message about a node with this usage."""
    return lambda message: message.is_node and message.data["metadata"].get("cpuUsage") == cpu


SNAPSHOT = {("snapshot", f"n-{number}") for number in range(3)}  # of `three`


def settled(port: int, fleet: Fleet) -> Reader:
    """A viewer that has seen everything up to a beat of n-0."""
    viewer = Reader(port)
    fleet.beat("n-0", cpuUsage=0.01)
    viewer.until(lambda message: message.is_node and message.told == ("heartbeat", "n-0"))
    return viewer


@pytest.fixture
def three(fleet: Fleet) -> Fleet:
    """A fleet of three nodes."""
    for number in range(3):
        fleet.add(f"n-{number}")
    return fleet


def test_a_viewer_that_comes_back_gets_exactly_what_it_missed(port: int, three: Fleet) -> None:
    with watching(port) as other:
        viewer = settled(port, three)
        viewer.close()
        three.beat("n-1")
        three.add("n-3")
        nodes.remove_node("n-2")
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


def test_a_thousand_nodes_come_as_one_snapshot(port: int, fleet: Fleet) -> None:
    with db.engine.begin() as connection:
        insert = "INSERT INTO cluster_nodes (node_id, name, host, port) SELECT 'n-' || n, 'n', 'h', 1"
        connection.execute(db.text(f"{insert} FROM generate_series(1, 1000) AS n"))
    with watching(port) as viewer:
        assert len({message.data["nodeId"] for message in viewer.nodes(1000)}) == 1000


def test_viewers_that_come_together_all_get_the_whole_fleet(port: int, three: Fleet) -> None:
    viewers = [Reader(port) for _ in range(5)]
    three.add("n-3")
    for viewer in viewers:
        found = viewer.until(lambda message: message.is_node and message.data["nodeId"] == "n-3")
        assert {message.data["nodeId"] for message in found if message.is_node} == {f"n-{n}" for n in range(4)}
        viewer.close()


def test_a_viewer_that_comes_a_moment_after_another_sees_what_changed_meanwhile(port: int, three: Fleet) -> None:
    viewer = settled(port, three)
    nodes.remove_node("n-2")
    viewer.until(lambda message: message.is_node and message.data.get("removed", False))
    viewer.close()
    with watching(port) as later:
        three.beat("n-0", cpuUsage=0.44)
        found = later.until(usage(0.44))
        state = {message.data["nodeId"]: message.data.get("removed", False) for message in found if message.is_node}
    assert state.get("n-2", True) is True
    assert state.keys() - {"n-2"} == {"n-0", "n-1"}


def test_a_closed_tab_is_forgotten(port: int, hub: Hub, fleet: Fleet) -> None:
    with watching(port) as viewer:
        until(lambda: viewer.retry and hub.viewers)
    assert until(lambda: not hub.viewers)


def test_a_process_that_stops_ends_its_streams(port: int, hub: Hub, fleet: Fleet) -> None:
    with watching(port) as viewer:
        until(lambda: hub.viewers)
        hub.close()
        assert viewer.ended()


def test_a_head_request_does_not_become_a_viewer(port: int, hub: Hub, fleet: Fleet) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("HEAD", PATH)
    assert connection.getresponse().status == 200
    connection.close()
    assert not hub.viewers


@pytest.fixture
def other_port(app: Flask, settings: Settings) -> Iterator[int]:
    """The port of a second process with a hub of its own."""
    second = create_app(settings)
    with serving(second) as found:
        yield found
    with second.app_context():
        db.engine.dispose()


def test_a_neighbour_in_another_database_of_the_same_redis_is_not_heard(
    app: Flask, settings: Settings, port: int, three: Fleet
) -> None:
    base, _, _ = settings.redis_url.rpartition("/")
    neighbour = create_app(replace(settings, redis_url=f"{base}/63"))
    with watching(port) as viewer:
        viewer.nodes(3)
        with neighbour.app_context():
            three.beat("n-1", cpuUsage=0.22)
            neighbour.extensions["event_bus"].drain(5)
            db.session.remove()
            db.engine.dispose()
        three.beat("n-2", cpuUsage=0.33)
        found = viewer.until(usage(0.33))
    neighbour.extensions["redis_client"].flushdb()
    assert not any(map(usage(0.22), found))


def test_two_processes_tell_their_viewers_the_same(port: int, other_port: int, three: Fleet) -> None:
    with watching(port) as one, watching(other_port) as two:
        for viewer in (one, two):
            viewer.nodes(3)
        three.beat("n-1", cpuUsage=0.66)
        for viewer in (one, two):
            viewer.until(usage(0.66))


def test_a_viewer_may_come_back_to_another_process(port: int, other_port: int, three: Fleet) -> None:
    with watching(other_port) as warm:
        warm.nodes(3)
        viewer = settled(port, three)
        viewer.close()
        three.beat("n-2", cpuUsage=0.55)
        warm.until(usage(0.55))
        with watching(other_port, last_id=viewer.last_id) as back:
            assert back.told(1) == [("heartbeat", "n-2")]
