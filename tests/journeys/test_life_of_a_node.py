"""Real daemons, real processes, shortened times: what a fleet owner would try first."""

import json
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from tests.fleet import until
from tests.journeys.control_plane import BASE, Beats, ControlPlane, Recorder

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


def test_a_daemon_joins_and_its_killing_is_announced_in_time_with_its_agents(
    plane: ControlPlane, tmp_path: Path
) -> None:
    agents = tmp_path / "agents.json"
    agents.write_text(
        json.dumps({"agents": [{"id": "writer", "name": "Writer", "role": "writes", "command": SLEEPER}]})
    )
    viewer = Recorder(plane.url() + BASE + "/stream")

    plane.start_daemon("mac-mini", WORKER_AGENTS_FILE=str(agents), WORKER_STOP_AGENTS_ON_EXIT="0")
    until(lambda: plane.get("/nodes/mac-mini")[1].get("agents") == ["writer"], 15)
    plane.kill("mac-mini")
    until(lambda: viewer.first("mac-mini", "offline"), 20)

    _, node = plane.get("/nodes/mac-mini")
    assert (node["status"], node["statusReason"], node["agents"]) == ("offline", "silent", ["writer"])
    last = plane.get("/nodes/mac-mini/transitions")[1]["transitions"][0]
    assert last["reason"] == "silent"
    silence = datetime.fromisoformat(last["at"]) - datetime.fromisoformat(node["lastHeartbeat"])
    assert 4 <= silence.total_seconds() <= 12  # a check each second, of which a busy machine misses some
    viewer.close()


def test_a_restart_travels_to_the_daemon_and_counts_when_new_processes_were_seen(
    plane: ControlPlane, tmp_path: Path
) -> None:
    agents = tmp_path / "agents.json"
    agents.write_text(json.dumps({"agents": [{"id": "writer", "name": "Writer", "command": SLEEPER}]}))
    plane.start_daemon("mac-mini", WORKER_AGENTS_FILE=str(agents))

    def pid() -> int | None:
        details = plane.get("/nodes/mac-mini")[1].get("agentDetails") or [{}]
        return details[0].get("pid")

    before = until(pid, 15)
    status, answer = plane.post("/nodes/mac-mini/restart")

    assert (status in (200, 202), answer["ok"]) == (True, True), answer  # 202 when the machine is busy
    until(lambda: plane.get(f"/jobs/{answer['jobId']}")[1]["state"] == "succeeded", 30)
    assert until(lambda: (pid() or before) != before)


def test_an_outage_of_the_control_plane_makes_nodes_wait_and_announces_nobody(patient_plane: ControlPlane) -> None:
    plane = patient_plane
    plane.start_daemon("mac-mini")
    until(lambda: plane.status_of("mac-mini")[0] == "online", 15)
    plane.processes["mac-mini"].send_signal(19)  # SIGSTOP: it must not come back before we looked

    plane.kill("web")
    time.sleep(12)  # the outage itself: longer than OFFLINE_AFTER, with beat and Celery alive all the time
    plane.start_web("web")

    assert plane.status_of("mac-mini") == ("offline", "awaiting_heartbeat")
    plane.processes["mac-mini"].send_signal(18)
    until(lambda: plane.status_of("mac-mini")[0] == "online", 15)
    assert plane.reasons("mac-mini") == ["registered"]


@pytest.mark.long
def test_restarting_one_of_two_web_processes_under_load_flips_no_node(plane: ControlPlane) -> None:
    plane.start_web("second")
    with Beats(plane, 30, ("web", "second")) as beats:
        until(lambda: plane.get("/nodes")[1]["stats"]["onlineNodes"] == 30, 15)
        for name, other, end in (("web", "second", plane.kill), ("second", "web", plane.terminate)):
            end(name)
            plane.start_web(name)
            assert plane.get("/nodes", name=other)[1]["stats"]["onlineNodes"] == 30
        time.sleep(5)  # longer than OFFLINE_AFTER: whoever had been lost would be announced by now

        assert plane.get("/nodes")[1]["stats"]["onlineNodes"] == 30
        assert {tuple(plane.reasons(node_id)) for node_id in beats.node_ids} == {("registered",)}


@pytest.mark.long
def test_a_heartbeat_at_one_web_process_is_seen_by_a_viewer_of_another(plane: ControlPlane) -> None:
    plane.start_web("second")
    viewer = Recorder(plane.url("second") + BASE + "/stream")

    plane.post("/register", {"nodeId": "mac-mini", "host": "127.0.0.1", "port": 3101}, name="web")
    plane.post("/heartbeat/mac-mini", {"cpuUsage": 0.25}, name="web")

    assert until(lambda: viewer.events("mac-mini")[-2:] == ["register", "heartbeat"], 20)
    viewer.close()
