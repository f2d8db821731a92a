"""The times that we promise, waited for in earnest. Minutes long: `make long`."""

import time

import pytest

from tests.fleet import until
from tests.journeys.control_plane import BASE, ControlPlane, Recorder

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


def test_a_killed_node_is_announced_offline_90_to_105_s_after_its_last_accepted_beat(real_plane: ControlPlane) -> None:
    viewer = Recorder(real_plane.url() + BASE + "/stream")
    real_plane.start_daemon("mac-mini")
    accepted = until(lambda: viewer.first("mac-mini", "heartbeat"), 40)

    real_plane.kill("mac-mini")
    announced = until(lambda: viewer.first("mac-mini", "offline"), 130)
    viewer.close()

    assert 90 <= announced - accepted <= 105 + 2  # two seconds for the way to a viewer
    assert real_plane.reasons("mac-mini") == ["registered", "silent"]


def test_three_minutes_without_a_control_plane_announce_nobody_and_all_come_back(real_plane: ControlPlane) -> None:
    node_ids = [f"node-{number}" for number in range(5)]
    for node_id in node_ids:
        real_plane.start_daemon(node_id)
    until(lambda: real_plane.get("/nodes")[1]["stats"]["onlineNodes"] == 5, 40)

    for name in ("web", "worker", "beat"):
        real_plane.terminate(name)
    time.sleep(180)  # the outage itself
    real_plane.start()

    def statuses() -> set[tuple[str, str]]:
        return {(node["status"], node["statusReason"]) for node in real_plane.get("/nodes")[1]["nodes"]}

    seen = set()
    deadline = time.monotonic() + 60
    while (now := statuses()) != {("online", "heartbeat")}:
        seen |= now
        assert time.monotonic() < deadline, now
        time.sleep(0.2)
    assert seen <= {("offline", "awaiting_heartbeat"), ("online", "heartbeat")}
    assert {tuple(real_plane.reasons(node_id)) for node_id in node_ids} == {("registered",)}
