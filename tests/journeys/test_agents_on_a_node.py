"""A real control plane gives a real daemon agents to run, and sees what becomes of them."""

import os
from typing import Any

from tests.fleet import until
from tests.journeys.control_plane import ControlPlane

CHATTER = ["sh", "-c", "echo hello token=canary; exec sleep 600"]


def ended(plane: ControlPlane, job_id: str) -> dict[str, Any]:
    """The job, when it has ended."""

    def look() -> dict[str, Any] | None:
        _, job = plane.get(f"/jobs/{job_id}")
        return job if job and job.get("state") in ("succeeded", "failed", "cancelled") else None

    found: dict[str, Any] = until(look, 60)
    return found


def act(plane: ControlPlane, what: str, **said: Any) -> dict[str, Any]:
    status, answer = plane.post(f"/agents/writer/{what}", said)
    assert status == 202, answer
    return ended(plane, answer["jobId"])


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_agent_is_placed_watched_stopped_started_and_deleted(plane: ControlPlane) -> None:
    plane.start_daemon("mac-mini")
    until(lambda: plane.status_of("mac-mini")[0] == "online", 30)

    def seen() -> dict[str, Any]:
        details = plane.get("/nodes/mac-mini")[1].get("agentDetails") or []
        return next((one for one in details if one["agentId"] == "writer"), {})

    status, made = until(
        lambda: (asked := plane.post("/agents", {"agentId": "writer", "command": CHATTER}))[0] == 201 and asked, 30
    )
    assert (status, made["placement"]["nodeId"]) == (201, "mac-mini"), made
    first = until(lambda: seen().get("state") == "running" and seen()["pid"], 30)

    logs = act(plane, "logs", lines=5)
    assert logs["state"] == "succeeded", logs
    _, log = plane.get(f"/jobs/{logs['id']}/log")
    assert "hello token=***" in str(log)
    assert "canary" not in str(log)

    assert act(plane, "stop")["state"] == "succeeded"
    assert not is_alive(first)
    assert act(plane, "start")["state"] == "succeeded"
    second = until(lambda: seen().get("pid"), 30)
    restarted = act(plane, "restart")
    assert restarted["state"] == "succeeded", restarted
    third = until(lambda: seen().get("pid") not in (None, second) and seen()["pid"], 30)
    assert not is_alive(second)

    assert plane.send("DELETE", "/agents/writer")[0] in (200, 202)
    until(lambda: not is_alive(third), 30)
