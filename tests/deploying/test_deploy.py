"""A machine becomes a node over SSH: from the request to agents seen running."""

import shutil
from pathlib import Path
from typing import Any

from tests.deploying.machines import add_program
from tests.deploying.orders import deploy, ended, lines, order, step
from tests.fleet import until
from tests.gateways.ssh.machines import Sshd, free_port
from tests.journeys.control_plane import ControlPlane
from tests.kit.proof import ROOM

STEPS = ["connect", "probe", "bundle", "upload", "runtime", "daemon", "settings", "start", "register"]
PYTHON = shutil.which("python3")


def test_a_fresh_machine_is_online_with_its_agents_seen_running(plane: ControlPlane, machine: Sshd, home: Path) -> None:
    asked = order(machine, "fresh")
    job_id = deploy(plane, asked)
    job = ended(plane, job_id)

    assert job["state"] == "succeeded", (job, lines(plane, job_id))
    assert [step["name"] for step in job["steps"]] == STEPS
    assert {step["state"] for step in job["steps"]} == {"succeeded"}
    node = plane.get("/nodes/fresh")[1]
    assert (node["status"], node["agents"], node["managed"]) == ("online", ["a-1", "a-2"], True)
    assert {agent["agentId"] for agent in job["result"]["agents"]} == {"a-1", "a-2"}
    assert (home / ".agenticmail" / "worker.env").stat().st_mode & 0o777 == 0o600
    assert [step["message"] for step in job["steps"][4:8]] == ["not needed", "installed", "written", "started"]

    again = ended(plane, deploy(plane, asked))
    assert again["state"] == "succeeded", again
    assert [step["message"] for step in again["steps"][4:8]] == [
        "not needed",
        "present",
        "unchanged",
        "already running, nothing changed",
    ]

    agents = [{"id": "a-1", "command": ["sleep", "1001"]}, "a-3"]
    other = ended(plane, deploy(plane, {**asked, "name": "Fresh again", "agents": agents}))
    assert step(plane, other["id"], "start")["message"] == "restarted with new settings, agents"
    assert pid_of(other, "a-1") != pid_of(again, "a-1")


def pid_of(job: dict[str, Any], agent_id: str) -> int:
    """The process of an agent that a deploy saw running."""
    [pid] = [agent["pid"] for agent in job["result"]["agents"] if agent["agentId"] == agent_id]
    return int(pid)


def test_a_user_who_may_not_use_cron_is_told_and_the_same_deploy_sets_it_up_later(
    plane: ControlPlane, machine: Sshd, home: Path, programs: Path
) -> None:
    allowed = (programs / "crontab").read_text().removeprefix("#!/bin/sh\n")
    add_program(programs, "crontab", "echo you may not use this program >&2; exit 1")
    asked = order(machine, "cron-denied")
    job = ended(plane, deploy(plane, asked))
    assert (job["state"], job["result"]["facts"]["boot"]) == ("succeeded", "none"), job
    assert "Let this user use cron" in job["advice"]

    add_program(programs, "crontab", allowed)
    (home / ".agenticmail" / "daemon" / "boot").unlink()  # as a node that was deployed before that was noted
    again = ended(plane, job_id := deploy(plane, asked))
    assert (again["state"], again["result"]["facts"]["boot"], again["advice"]) == ("succeeded", "cron", ""), again
    assert "@reboot" in (home / "crontab").read_text()
    assert [line for line in lines(plane, job_id) if "cannot" in line.lower()] == []


def test_a_machine_that_cannot_reach_us_is_refused_before_anything_is_changed(
    plane: ControlPlane, machine: Sshd, home: Path, programs: Path
) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"  # whatever the URL is
    add_program(programs, "python3", f'[ "$1" = - ] && set -- - {nobody} "$3"\nexec {PYTHON} "$@"')

    job = ended(plane, deploy(plane, order(machine, "unreached")))

    assert (job["state"], job["code"]) == ("failed", "preflight"), job
    assert "cannot reach the control plane" in job["message"]
    assert [step["state"] for step in job["steps"]] == ["succeeded", "failed", *["skipped"] * 7]
    assert list(home.iterdir()) == []


def test_a_changed_host_key_stops_the_deploy_before_any_login(plane: ControlPlane, machine: Sshd) -> None:
    asked = order(machine, "changed", fingerprint="SHA256:" + "A" * 43)

    job = ended(plane, deploy(plane, asked))

    assert (job["state"], job["code"]) == ("failed", "host_key_changed")
    assert job["result"]["fingerprint"] == machine.fingerprint
    assert "Accepted" not in machine.log


def test_a_second_deploy_to_the_same_machine_is_refused_and_names_the_first(plane: ControlPlane, machine: Sshd) -> None:
    first = deploy(plane, order(machine, "one"))
    status, second = plane.post("/deploy-via-ssh", order(machine, "other"))

    assert (status, second["code"], second["jobId"]) == (409, "deploy_running", first)


def test_a_deploy_that_is_cancelled_while_it_waits_for_the_node_says_that_the_daemon_goes_on(
    plane: ControlPlane, machine: Sshd
) -> None:
    # This agent dies too soon after each start to be seen at work, so the deploy waits for it.
    short_lived = {"id": "a-1", "command": ["sh", "-c", "sleep 0.2; exit 1"]}
    job_id = deploy(plane, order(machine, "waiting", agents=[short_lived]))
    until(lambda: step(plane, job_id, "register")["state"] == "running", 60)
    until(lambda: (plane.get("/nodes/waiting")[1].get("agentDetails") or [{}])[0].get("restarts"), 30)

    plane.post(f"/jobs/{job_id}/cancel")

    job = ended(plane, job_id, 5 * ROOM)
    assert (job["state"], "goes on" in job["message"]) == ("cancelled", True)
