"""Whatever a deploy is at when its worker dies or somebody cancels it: it ends, and leaves the machine in order."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from tests.deploying.machines import add_program, processes_of
from tests.deploying.orders import deploy, ended, job, lines, order, step
from tests.fleet import until
from tests.gateways.ssh.machines import Sshd
from tests.journeys.control_plane import ControlPlane
from tests.kit.proof import Proof

CELERY = ("-m", "celery", "-A", "celery_worker", "worker", "--pool", "threads", "--concurrency", "4")
PYTHON, TAR, CMP, DF = (shutil.which(name) for name in ("python3", "tar", "cmp", "df"))
LONG = pytest.mark.long
# What makes the machine slow at a step: a program of it, and in which of its calls.
SLOW = {
    "probe": ("df", '*) {slow}; exec {df} "$@"'),
    "upload": ("tar", '*) {slow}; exec {tar} "$@"'),
    "daemon": ("python3", '*worker.pyz\\ --version) {slow};; esac; case x in *) exec {python} "$@"'),
    "settings": ("cmp", '*worker.env*) {slow};; esac; case x in *) exec {cmp} "$@"'),
    "start": ("crontab", "*) {slow}"),
    "register": ("python3", '*worker.pyz) {slow};; esac; case x in *) exec {python} "$@"'),
}
STEPS = ("connect", *SLOW)
KILL_EXPECTED = "the job ends, one start on the machine"
CANCEL_EXPECTED = "ended <= 5 s, nothing left <= 10 s"


@contextmanager
def slowed(machine: Sshd, programs: Path, name: str, seconds: int) -> Iterator[None]:
    """A machine that takes its time at a step."""
    if name == "connect":  # it accepts, as the kernel does for it, and says nothing
        assert machine.process is not None
        machine.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            machine.process.send_signal(signal.SIGCONT)
        return
    program, script = SLOW[name]
    filled = script.format(slow=f"sleep {seconds}", python=PYTHON, tar=TAR, cmp=CMP, df=DF)
    add_program(programs, program, f'case "$*" in {filled};; esac')
    yield


def at(plane: ControlPlane, job_id: str, name: str) -> None:
    """Wait until a step is at work."""
    until(lambda: step(plane, job_id, name)["state"] == "running", 60)


def starts(home: Path) -> int:
    """How many jobs were ever started on the machine."""
    return len([path for path in home.glob(".agenticmail/deploy/*/started") if path.is_dir()])


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
    plane.run("worker", *CELERY)

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
        done = ended(plane, job_id, 5)
        ended_after = time.monotonic() - asked_at
    assert done["state"] == "cancelled", done
    if name == "register":  # by then the daemon is the node's own, and the sentence says that it goes on
        assert "goes on" in done["message"]
        until(lambda: runners(home) == [], 10)
    else:
        until(lambda: processes_of(home) == [], 10 - (time.monotonic() - asked_at))
    gone_after = time.monotonic() - asked_at
    secrets = {"vars", "worker.env", "join-token", "agents.json"}
    left = {path.name for path in home.glob(".agenticmail/deploy/**/*")}
    assert left & secrets == set()
    seen = f"ended after {ended_after:.1f} s, gone after {gone_after:.1f} s"
    proof.row(f"Deploy cancelled at `{name}`", CANCEL_EXPECTED, seen)


def runners(home: Path) -> list[str]:
    """The jobs at work on the machine."""
    found = []
    for pid in processes_of(home):
        with suppress(psutil.NoSuchProcess):
            found += [word for word in psutil.Process(pid).cmdline() if word.endswith("runner.sh")]
    return found


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
    assert processes_of(home) == []


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
