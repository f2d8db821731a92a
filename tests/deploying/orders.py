"""Ask for deploys, and look how far they are."""

from typing import Any

from tests.fleet import until
from tests.gateways.ssh.machines import ME, Sshd, free_port
from tests.journeys.control_plane import ControlPlane
from tests.kit.hosts import Host


def order(machine: Sshd | Host, node_id: str, **said: Any) -> dict[str, Any]:
    """What a deploy to this machine is asked for with."""
    return {
        "host": "127.0.0.1",
        "port": machine.port,
        "user": ME,
        "fingerprint": machine.fingerprint,
        "privateKey": machine.private_key,
        "nodeId": node_id,
        "nodePort": free_port(),
        "agents": ["a-1", "a-2"],
        **said,
    }


def deploy(plane: ControlPlane, asked: dict[str, Any], name: str = "web") -> str:
    """Ask a web process of that name for a deploy; the job's id."""
    status, answer = plane.post("/deploy-via-ssh", asked, name=name)
    assert status == 202, answer
    return str(answer["jobId"])


def ended(plane: ControlPlane, job_id: str, seconds: float = 90) -> dict[str, Any]:
    """The job once it has ended."""
    until(lambda: job(plane, job_id)["state"] not in ("queued", "running"), seconds)
    return job(plane, job_id)


def job(plane: ControlPlane, job_id: str) -> dict[str, Any]:
    """The job as it is now."""
    found: dict[str, Any] = plane.get(f"/jobs/{job_id}")[1]
    return found


def step(plane: ControlPlane, job_id: str, name: str) -> dict[str, Any]:
    """One of its steps; empty before there are any."""
    return next((step for step in job(plane, job_id)["steps"] if step["name"] == name), {"state": ""})


def lines(plane: ControlPlane, job_id: str) -> list[str]:
    """Its log."""
    return [line["text"] for line in plane.get(f"/jobs/{job_id}/log")[1]["lines"]]
