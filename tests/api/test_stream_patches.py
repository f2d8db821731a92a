"""`?view=patch`: thin patches four times a second for lists that already know the fleet."""

import time
from typing import Any

import pytest
from flask import Flask

from app.api.streaming.hub import Hub
from app.domain.identity.actor import SYSTEM
from app.gateways.event_bus import RESYNC, STREAM
from app.services import nodes
from app.services.presence import silence
from tests.api.sse import Message, Reader, watching
from tests.fleet import Fleet, until

PATCH = "?view=patch"


def is_patch(message: Message) -> bool:
    return message.event == "patch"


def patches(messages: list[Message]) -> list[dict[str, Any]]:
    return [patch for message in messages if is_patch(message) for patch in message.data]


def settled(port: int, fleet: Fleet, last_id: str | None = None) -> Reader:
    """A viewer whose process has seen every node whole, so that beats are patches from now on."""
    viewer = Reader(port, PATCH, last_id)
    viewer.until(lambda message: message.event in ("server", "reset"))
    for number in range(3):
        fleet.beat(f"n-{number}", cpuUsage=0.01)
    seen: set[str] = set()

    def all_were_seen(message: Message) -> bool:
        if message.event == "node" and message.data["metadata"].get("cpuUsage") == 0.01:  # no word of its registration
            seen.add(message.data["nodeId"])
        elif is_patch(message):
            seen.update(patch["id"] for patch in message.data if patch["cpu"] == 0.01)
        return is_patch(message) and len(seen) == 3  # each flush ends with a patch message, be it empty

    viewer.until(all_were_seen)
    return viewer


def test_it_begins_with_the_state_of_the_server_and_a_position_instead_of_a_snapshot(
    port: int, hub: Hub, three: Fleet
) -> None:
    with watching(port, PATCH) as viewer:
        first = viewer.next()
        assert first is not None
        assert (first.event, first.data["live"], first.data["build"]) == ("server", True, hub.build)
        assert first.id


def test_a_heartbeat_is_a_thin_patch(port: int, three: Fleet) -> None:
    viewer = settled(port, three)
    three.beat("n-1", cpuUsage=0.5, memoryUsage=0.25)
    messages = viewer.until(lambda message: is_patch(message) and any(p["cpu"] == 0.5 for p in message.data))
    viewer.close()
    found = [patch for patch in patches(messages) if patch["id"] == "n-1"]
    seen = round(three.node("n-1").last_heartbeat.timestamp())  # type: ignore[union-attr]
    assert found[-1] == {"id": "n-1", "cpu": 0.5, "mem": 0.25, "agents": 0, "status": "online", "seen": seen}


def test_beats_of_a_quarter_second_are_one_message_with_the_newest_of_each_node(port: int, three: Fleet) -> None:
    viewer = settled(port, three)
    newest: dict[str, float] = {}

    def all_came(message: Message) -> bool:
        newest.update({patch["id"]: patch["cpu"] for patch in message.data} if is_patch(message) else {})
        return newest == {"n-0": 1, "n-1": 1, "n-2": 1}

    began = time.monotonic()
    for turn in range(1, 11):
        for number in range(3):
            three.beat(f"n-{number}", cpuUsage=turn / 10)
    found = [message for message in viewer.until(all_came) if is_patch(message)]
    quarters = (time.monotonic() - began) / 0.25
    viewer.close()
    assert len(found) <= quarters + 2  # the first one may have been due already
    assert all(len({patch["id"] for patch in message.data}) == len(message.data) for message in found)


@pytest.mark.parametrize("change", ["issue", "agents", "silence", "register"])
def test_a_change_that_a_patch_cannot_tell_comes_as_a_whole_node(port: int, three: Fleet, change: str) -> None:
    viewer = settled(port, three)
    if change == "issue":
        three.beat("n-1", diskUsage=0.99)
    elif change == "agents":
        three.beat("n-1", agents=["a-1", "a-2"])
    elif change == "silence":
        three.silence("n-1", 91)
        silence.mark_silent_nodes()
    else:
        three.add("n-1", name="Renamed")
    found = viewer.until(lambda message: message.event == "node")[-1]
    viewer.close()
    assert found.data["nodeId"] == "n-1"
    assert found.data["registeredAt"]


def test_what_changed_while_nobody_followed_is_told_as_a_whole_node(port: int, hub: Hub, three: Fleet) -> None:
    settled(port, three).close()
    until(lambda: not hub.viewers)
    with watching(port) as other:  # keeps the hub reading, as any viewer of whole nodes does
        three.beat("n-1", agents=["a-new"], scope="node")
        other.until(lambda message: message.data.get("event") == "heartbeat" and message.data["agents"] == ["a-new"])
        viewer = Reader(port, PATCH)
        viewer.until(lambda message: message.event in ("server", "reset"))

        three.beat("n-1", agents=[], scope="node")

        viewer.until(lambda message: message.event == "node" and message.data["agents"] == [])
        viewer.close()


def test_a_removed_node_is_flagged(port: int, three: Fleet) -> None:
    viewer = settled(port, three)
    nodes.remove_node(SYSTEM, "n-1")
    found = viewer.until(lambda message: message.event == "node")[-1]
    viewer.close()
    assert (found.data["nodeId"], found.data["removed"]) == ("n-1", True)


def test_every_patch_message_has_an_id(port: int, three: Fleet) -> None:
    viewer = settled(port, three)
    three.beat("n-1", cpuUsage=0.5)
    assert all(message.id for message in viewer.until(is_patch) if is_patch(message))
    viewer.close()


def test_a_viewer_that_comes_back_gets_what_it_missed_as_one_patch(port: int, three: Fleet) -> None:
    viewer = settled(port, three)
    with watching(port, PATCH) as other:
        viewer.close()
        three.beat("n-1", cpuUsage=0.5)
        nodes.remove_node(SYSTEM, "n-2")
        other.until(lambda message: message.event == "node" and message.data.get("removed", False))
        with watching(port, PATCH, viewer.last_id) as back:
            found = back.until(is_patch)
    told = {message.data["nodeId"]: message.data.get("removed", False) for message in found if message.event == "node"}
    assert told == {"n-1": False, "n-2": True}


@pytest.mark.parametrize("last_id", ["1-0", "nonsense", "0"])
def test_a_position_that_is_too_old_is_answered_with_reset(port: int, three: Fleet, last_id: str) -> None:
    settled(port, three).close()
    with watching(port, PATCH, last_id) as viewer:
        first = viewer.next()
        assert first is not None
        assert (first.event, bool(first.id)) == ("reset", True)
        three.beat("n-1", cpuUsage=0.5)
        viewer.until(is_patch)


def test_a_calm_patch_stream_is_kept_alive(port: int, three: Fleet) -> None:
    with watching(port, PATCH) as viewer:
        assert viewer.until(lambda message: message.event == "ping")[-1].id is None


def test_both_views_may_be_open_at_once(port: int, three: Fleet) -> None:
    viewer = settled(port, three)
    with watching(port) as whole:
        whole.nodes(3)
        three.beat("n-1", cpuUsage=0.5)
        whole.until(lambda m: m.is_node and m.data["metadata"].get("cpuUsage") == 0.5)
        viewer.until(lambda m: is_patch(m) and any(p["cpu"] == 0.5 for p in m.data))
    viewer.close()


def test_lost_announcements_make_viewers_look_again(app: Flask, port: int, hub: Hub, three: Fleet) -> None:
    patch, whole = settled(port, three), Reader(port)
    whole.nodes(3)
    three.beat("n-1")
    whole.until(lambda message: message.is_node and message.data["event"] == "heartbeat")
    app.extensions["event_bus"]._lost = True  # as after a while without Redis
    three.beat("n-0", cpuUsage=0.7)
    assert patch.ended()
    assert whole.ended()
    until(lambda: RESYNC in app.extensions["redis_client"].xrevrange(STREAM, count=1)[0][1][b"e"])
    with watching(port, PATCH, patch.last_id) as back:
        first = back.next()
        assert first is not None
        assert first.event == "reset"
    with watching(port, last_id=whole.last_id) as back:
        assert {message.told for message in back.nodes(3)} == {("snapshot", f"n-{number}") for number in range(3)}
