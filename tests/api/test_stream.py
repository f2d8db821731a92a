"""The stream as the cluster protocol tells it: snapshot, then every change, ids, keep-alive, and no gap."""

import http.client

from flask import Flask

from app.api.streaming.hub import Hub
from app.domain.identity.actor import SYSTEM
from app.extensions import db
from app.services import nodes
from app.services.presence import silence
from config import Settings
from tests.api.sse import PATH, Reader, settled, usage, watching
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
        nodes.remove_node(SYSTEM, "mac-mini")
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
    nodes.remove_node(SYSTEM, "n-2")
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
