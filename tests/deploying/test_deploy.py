"""A machine becomes a node over SSH: from the request to agents seen running."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.fleet import until
from tests.gateways.ssh.machines import ME, Sshd, free_port
from tests.journeys.control_plane import ControlPlane

STEPS = ["connect", "probe", "upload", "daemon", "settings", "start", "register"]


@pytest.fixture(autouse=True)
def nothing_left(home: Path) -> Iterator[None]:
    """The daemon and its agents outlive the connection; a test ends them."""
    yield
    for pid in _processes_in(home):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _processes_in(home: Path) -> list[int]:
    """Every process that has this home folder in its environment."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdecimal() and f"HOME={home}\0".encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return found


def order(machine: Sshd, **said: Any) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": machine.port,
        "user": ME,
        "fingerprint": machine.fingerprint,
        "privateKey": machine.private_key,
        "nodeId": "fresh",
        "nodePort": free_port(),
        "agents": ["a-1", "a-2"],
        **said,
    }


def ended(plane: ControlPlane, job_id: str) -> dict[str, Any]:
    """The job once it has ended."""
    until(lambda: plane.get(f"/jobs/{job_id}")[1]["state"] not in ("queued", "running"), 90)
    found: dict[str, Any] = plane.get(f"/jobs/{job_id}")[1]
    return found


def test_a_fresh_machine_is_online_with_its_agents_seen_running(plane: ControlPlane, machine: Sshd, home: Path) -> None:
    asked = order(machine)
    status, answer = plane.post("/deploy-via-ssh", asked)
    assert status == 202, answer
    job = ended(plane, answer["jobId"])

    log = plane.get(f"/jobs/{answer['jobId']}/log")[1]["lines"]
    assert job["state"] == "succeeded", (job, log)
    assert [step["name"] for step in job["steps"]] == STEPS
    assert {step["state"] for step in job["steps"]} == {"succeeded"}
    node = plane.get("/nodes/fresh")[1]
    assert (node["status"], node["agents"], node["managed"]) == ("online", ["a-1", "a-2"], True)
    assert {agent["agentId"] for agent in job["result"]["agents"]} == {"a-1", "a-2"}
    assert (home / ".agenticmail" / "worker.env").stat().st_mode & 0o777 == 0o600

    again = ended(plane, plane.post("/deploy-via-ssh", asked)[1]["jobId"])
    assert again["state"] == "succeeded", again
    assert [step["message"] for step in again["steps"][3:6]] == [
        "present",
        "unchanged",
        "already running, nothing changed",
    ]


def test_a_machine_that_cannot_reach_us_is_refused_before_anything_is_changed(
    plane: ControlPlane, machine: Sshd, home: Path
) -> None:
    plane.terminate("web")
    plane.environment |= {"PUBLIC_URL": f"http://127.0.0.1:{free_port()}"}
    plane.start_web("web")

    job = ended(plane, plane.post("/deploy-via-ssh", order(machine))[1]["jobId"])

    assert (job["state"], job["code"]) == ("failed", "preflight"), job
    assert "cannot reach the control plane" in job["message"]
    assert [step["state"] for step in job["steps"]] == ["succeeded", "failed", *["skipped"] * 5]
    assert list(home.iterdir()) == []


def test_a_changed_host_key_stops_the_deploy_before_any_login(plane: ControlPlane, machine: Sshd) -> None:
    asked = order(machine, fingerprint="SHA256:" + "A" * 43)

    job = ended(plane, plane.post("/deploy-via-ssh", asked)[1]["jobId"])

    assert (job["state"], job["code"]) == ("failed", "host_key_changed")
    assert job["result"]["fingerprint"] == machine.fingerprint
    assert "Accepted" not in machine.log


def test_a_second_deploy_to_the_same_machine_is_refused_and_names_the_first(plane: ControlPlane, machine: Sshd) -> None:
    first = plane.post("/deploy-via-ssh", order(machine))[1]
    status, second = plane.post("/deploy-via-ssh", order(machine, nodeId="other"))

    assert (status, second["code"], second["jobId"]) == (409, "deploy_running", first["jobId"])
    ended(plane, first["jobId"])


def test_a_cancelled_deploy_ends_soon_and_leaves_nothing_running(
    plane: ControlPlane, machine: Sshd, home: Path
) -> None:
    asked = order(machine, agents=[{"id": "a-1", "command": ["false"]}])  # it never runs, so the deploy waits for it
    job_id = plane.post("/deploy-via-ssh", asked)[1]["jobId"]
    until(lambda: plane.get(f"/jobs/{job_id}")[1]["steps"][-1:] and _step(plane, job_id, "register") == "running", 60)

    plane.post(f"/jobs/{job_id}/cancel")

    until(lambda: plane.get(f"/jobs/{job_id}")[1]["state"] == "cancelled", 5)


def test_the_login_is_nowhere_once_the_job_has_ended(plane: ControlPlane, machine: Sshd, home: Path) -> None:
    asked = order(machine)
    job_id = plane.post("/deploy-via-ssh", asked)[1]["jobId"]
    ended(plane, job_id)

    middle = machine.private_key.splitlines()[2]
    written = "".join(log.read_text() for log in plane.folder.glob("*.log"))
    sent = "".join(path.read_text(errors="replace") for path in home.rglob("*") if path.is_file())
    assert middle not in written + sent
    assert not [path for path in home.rglob("*") if path.name in ("join-token", "vars")]


def _step(plane: ControlPlane, job_id: str, name: str) -> str:
    steps = plane.get(f"/jobs/{job_id}")[1]["steps"]
    return str(next(step["state"] for step in steps if step["name"] == name))
