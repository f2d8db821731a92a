"""The messages keep to the protocol."""

from __future__ import annotations

import re

from node_daemon import messages, settings
from node_daemon.agents.supervisor import AgentStatus
from node_daemon.machine.sample import AgentLoad, Sample

SAMPLE = Sample(0.25, 0.5, 0.75, (0.1, 0.2, 0.3), 1000, {41: AgentLoad(1.5, 20)})


def agent(number: int, state: str = "running", pid: int | None = 41) -> AgentStatus:
    return AgentStatus(f"agent-{number}", "A", "writer", state, pid, 3, "2026-11-23T15:04:30.000Z" if pid else None)


def test_a_heartbeat_is_about_the_whole_node() -> None:
    beat = messages.heartbeat("m" * 32, SAMPLE, [agent(1)], [])

    assert (beat["scope"], beat["machineId"], beat["agents"]) == ("node", "m" * 32, ["agent-1"])
    assert (beat["cpuUsage"], beat["memoryUsage"], beat["diskUsage"]) == (0.25, 0.5, 0.75)
    assert (beat["loadAverage"], beat["uptimeSeconds"], beat["version"]) == ([0.1, 0.2, 0.3], 1000, "0.1.0")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", beat["clock"])
    assert beat["agentDetails"] == [
        {
            "agentId": "agent-1",
            "name": "A",
            "role": "writer",
            "state": "running",
            "cpuUsage": 1.5,
            "memoryMb": 20,
            "restarts": 3,
            "startedAt": "2026-11-23T15:04:30.000Z",
            "pid": 41,
        }
    ]


def test_only_agents_that_work_are_listed_as_running() -> None:
    statuses = [agent(1), agent(2, "starting"), agent(3, "stopped", None), agent(4, "crash_looping")]

    assert messages.heartbeat("m", SAMPLE, statuses, [])["agents"] == ["agent-1", "agent-2"]


def test_each_crash_looping_agent_is_an_issue() -> None:
    issues = messages.heartbeat("m", SAMPLE, [agent(1), agent(2, "crash_looping", None)], [])["issues"]

    assert issues == [
        {
            "code": "agent_crash_loop",
            "message": "Agent agent-2 was restarted 5 times in 2 minutes",
            "agentId": "agent-2",
        }
    ]


def test_a_heartbeat_of_300_agents_still_fits_and_names_all_of_them() -> None:
    results = [messages.result(f"c{number}", True, "x" * 900) for number in range(20)]

    beat = messages.heartbeat("m", SAMPLE, [agent(number) for number in range(300)], results)

    assert messages.size(beat) <= 16_000
    assert len(beat["agents"]) == 300
    assert beat["commandResults"]


def test_a_registration_says_what_the_machine_is() -> None:
    checked = settings.check(
        {"ENTERPRISE_URL": "http://c/w/secret-token", "WORKER_NODE_ID": "n1", "WORKER_CAPABILITIES": "gpu"}, "/home/x"
    )

    message = messages.registration(checked, "m" * 32, [agent(1)])

    assert {key: message[key] for key in ("nodeId", "host", "port", "agents", "capabilities", "managed")} == {
        "nodeId": "n1",
        "host": "localhost",
        "port": 3101,
        "agents": ["agent-1"],
        "capabilities": ["gpu"],
        "managed": True,
    }
    assert message["platform"] in ("linux", "darwin")
    assert message["arch"] in ("x64", "arm64")
    assert message["cpuCount"] > 0
    assert message["memoryMb"] > 0
    assert "secret-token" not in str(message)
