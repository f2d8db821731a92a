"""What a deploy does when something dies under it: the connection, the Celery worker, or the wish for it."""

import shutil
from pathlib import Path

import psutil
import pytest

from tests.deploying.machines import add_program, processes_of
from tests.deploying.orders import deploy, ended, lines, order, step
from tests.fleet import until
from tests.gateways.ssh.machines import Sshd
from tests.journeys.control_plane import WORKER, ControlPlane
from tests.kit.proof import ROOM

SPOKEN = [f"line {number}" for number in range(1, 101)]


@pytest.fixture
def slow(programs: Path, home: Path) -> Path:
    """Installing the daemon takes this machine five seconds, in which it says a hundred lines. How often it did so."""
    counted = home.parent / "installed"
    counted.touch()
    speak = f'echo once >>{counted}; n=0; while [ $n -lt 100 ]; do n=$((n + 1)); echo "line $n"; sleep 0.05; done'
    python = shutil.which("python3")
    add_program(programs, "python3", f'case "$*" in *worker.pyz\\ --version) {speak};; esac\nexec {python} "$@"')
    return counted


def at_work(plane: ControlPlane, job_id: str) -> bool:
    return "line 20" in lines(plane, job_id)


def assert_told_once(plane: ControlPlane, job_id: str, counted: Path) -> None:
    """Every line is there once and in its order, and the step was carried out once."""
    assert [line for line in lines(plane, job_id) if line.startswith("line ")] == SPOKEN
    assert counted.read_text() == "once\n"


def cut(machine: Sshd) -> int:
    """End every session of the server as if the network had gone; how many there were."""
    assert machine.process is not None
    sessions = psutil.Process(machine.process.pid).children()
    for session in sessions:
        session.kill()
    return len(sessions)


def test_a_lost_connection_loses_no_line_and_repeats_no_step(plane: ControlPlane, machine: Sshd, slow: Path) -> None:
    job_id = deploy(plane, order(machine, "cut"))
    until(lambda: at_work(plane, job_id), 60)

    assert cut(machine) == 1

    done = ended(plane, job_id)
    assert (done["state"], done["attempt"]) == ("succeeded", 1), (done, lines(plane, job_id))
    assert any("connecting again" in line for line in lines(plane, job_id))
    assert_told_once(plane, job_id, slow)


@pytest.mark.long
def test_another_celery_worker_goes_on_where_a_killed_one_was(plane: ControlPlane, machine: Sshd, slow: Path) -> None:
    job_id = deploy(plane, order(machine, "orphan"))
    until(lambda: at_work(plane, job_id), 60)

    plane.kill("worker")
    plane.run("worker", *WORKER)

    done = ended(plane, job_id)
    assert (done["state"], done["attempt"]) == ("succeeded", 2), (done, lines(plane, job_id))
    assert {step["state"] for step in done["steps"]} == {"succeeded"}
    assert_told_once(plane, job_id, slow)


def test_a_cancel_ends_what_runs_on_the_machine_and_removes_the_secrets(
    plane: ControlPlane, machine: Sshd, slow: Path, home: Path
) -> None:
    job_id = deploy(plane, order(machine, "cancelled"))
    until(lambda: at_work(plane, job_id), 60)
    folder = home / ".agenticmail" / "deploy" / job_id
    assert {"vars", "worker.env"} <= {path.name for path in folder.iterdir()}

    plane.post(f"/jobs/{job_id}/cancel")

    done = ended(plane, job_id, 5 * ROOM)
    assert (done["state"], done["message"]) == ("cancelled", "Cancelled; what was started on the machine was stopped")
    until(lambda: processes_of(home) == [], 10 * ROOM)
    left = {path.name for path in home.rglob("*") if path.is_file()}
    assert left & {"vars", "worker.env", "join-token", "agents.json"} == set()


@pytest.mark.long
def test_a_machine_that_is_away_when_a_deploy_is_cancelled_is_said_to_be(
    plane: ControlPlane, machine: Sshd, slow: Path
) -> None:
    job_id = deploy(plane, order(machine, "away"))
    until(lambda: at_work(plane, job_id), 60)
    assert machine.process is not None
    cut(machine)
    machine.process.terminate()
    until(lambda: any("connecting again" in line for line in lines(plane, job_id)), 20)

    plane.post(f"/jobs/{job_id}/cancel")

    done = ended(plane, job_id, 10)
    assert (done["state"], "could not be stopped" in done["message"]) == ("cancelled", True), done


@pytest.mark.long
def test_an_upload_that_was_cut_off_is_sent_again_as_a_whole(
    plane: ControlPlane, machine: Sshd, programs: Path, home: Path
) -> None:
    tar = shutil.which("tar")
    first = home.parent / "first"
    half = f'head -c 4096 | {tar} "$@"; sleep 20'
    add_program(programs, "tar", f'if mkdir {first} 2>/dev/null; then {half}; fi\nexec {tar} "$@"')
    job_id = deploy(plane, order(machine, "half"))
    until(lambda: step(plane, job_id, "upload")["state"] == "running" and first.exists(), 60)

    cut(machine)

    done = ended(plane, job_id)
    assert done["state"] == "succeeded", (done, lines(plane, job_id))
