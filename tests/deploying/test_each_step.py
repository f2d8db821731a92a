"""Whatever a deploy is at when its worker dies or somebody cancels it: it ends, and leaves the machine in order."""

import os
import signal
import time
from pathlib import Path

import psycopg2
import pytest
import redis

from tests.deploying.machines import processes_of
from tests.deploying.orders import deploy, ended, job, lines, order
from tests.deploying.steps import CANCEL_EXPECTED, KILL_EXPECTED, STEPS, at, at_work, slowed, starts
from tests.fleet import until
from tests.gateways.ssh.machines import Sshd
from tests.journeys.control_plane import WORKER, ControlPlane
from tests.kit.proof import ROOM, Proof

LONG = pytest.mark.long


@pytest.mark.parametrize("name", [pytest.param(name, marks=LONG) for name in STEPS])
def test_a_job_whose_worker_is_killed_says_at_which_step_and_is_carried_out_once(
    plane: ControlPlane, machine: Sshd, programs: Path, home: Path, proof: Proof, name: str
) -> None:
    with slowed(machine, programs, name, 5):
        job_id = deploy(plane, order(machine, f"killed-{name}"))
        at(plane, job_id, name)
        plane.kill("worker")
        stopped_at = job(plane, job_id)
    assert [one["name"] for one in stopped_at["steps"] if one["state"] == "running"] == [name]
    assert stopped_at["state"] == "running"
    plane.run("worker", *WORKER)

    done = ended(plane, job_id)
    assert (done["state"], done["attempt"]) == ("succeeded", 2), (done, lines(plane, job_id))
    assert {one["state"] for one in done["steps"]} == {"succeeded"}
    assert starts(home) == 1
    spoken = lines(plane, job_id)
    assert spoken.count("No agent needs a runtime: the daemon starts them itself") <= 2
    proof.row(f"Celery worker of a deploy killed at `{name}`", KILL_EXPECTED, "succeeded, 1 start")


@pytest.mark.parametrize("name", ["upload", *(pytest.param(name, marks=LONG) for name in STEPS if name != "upload")])
def test_a_cancel_at_any_step_ends_the_job_and_what_runs_on_the_machine(
    plane: ControlPlane, machine: Sshd, programs: Path, home: Path, proof: Proof, name: str
) -> None:
    with slowed(machine, programs, name, 60):
        job_id = deploy(plane, order(machine, f"cancel-{name}"))
        at(plane, job_id, name)
        plane.post(f"/jobs/{job_id}/cancel")
        asked_at = time.monotonic()
        done = ended(plane, job_id, 5 * ROOM)
        ended_after = time.monotonic() - asked_at
    assert done["state"] == "cancelled", done
    assert ("goes on" in done["message"]) == (name == "register")
    until(lambda: at_work(home, name) == [], 10 * ROOM - (time.monotonic() - asked_at))
    gone_after = time.monotonic() - asked_at
    secrets = {"vars", "worker.env", "join-token", "agents.json"}
    left = {path.name for path in home.glob(".agenticmail/deploy/**/*")}
    assert left & secrets == set()
    seen = f"ended after {ended_after:.1f} s, gone after {gone_after:.1f} s"
    proof.row(f"Deploy cancelled at `{name}`", CANCEL_EXPECTED, seen)


@LONG
def test_what_an_overdue_job_runs_on_its_machine_is_stopped(
    plane: ControlPlane, machine: Sshd, programs: Path, home: Path
) -> None:
    with slowed(machine, programs, "daemon", 60):
        job_id = deploy(plane, order(machine, "overdue"))
        at(plane, job_id, "daemon")
        connection = psycopg2.connect(plane.dsn)
        with connection, connection.cursor() as cursor:
            cursor.execute("UPDATE jobs SET deadline = now() WHERE id = %s", [job_id])
        connection.close()

        done = ended(plane, job_id, 15)
    assert (done["state"], done["code"]) == ("failed", "no_answer")
    until(lambda: "was stopped" in job(plane, job_id)["message"], 15)
    until(lambda: processes_of(home) == [], 10)  # the look at the machine leaves a `sleep` behind


@LONG
def test_no_job_is_stuck_when_redis_forgets_all(plane: ControlPlane) -> None:
    client = redis.Redis.from_url(plane.environment["REDIS_URL"])
    os.kill(plane.processes["worker"].pid, signal.SIGSTOP)
    try:
        ids = []
        for number in range(50):
            status, answer = plane.post("/deploy-via-ssh", nobody(number))
            if status == 429:  # so many a minute; who asked is forgotten too
                client.flushdb()
                status, answer = plane.post("/deploy-via-ssh", nobody(number))
            assert status == 202, answer
            ids.append(answer["jobId"])
        client.flushdb()
    finally:
        os.kill(plane.processes["worker"].pid, signal.SIGCONT)
        client.close()

    until(lambda: all(job(plane, job_id)["state"] not in ("queued", "running") for job_id in ids), 100)
    assert {job(plane, job_id)["code"] for job_id in ids} <= {"credential_expired", "refused"}


def nobody(number: int) -> dict[str, object]:
    """A deploy to a port that nobody listens on."""
    asked = {"host": "127.0.0.1", "port": 2 + number, "fingerprint": "SHA256:" + "A" * 43, "password": "x"}
    return {**asked, "nodeId": f"flushed-{number}", "agents": []}
