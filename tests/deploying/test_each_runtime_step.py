"""As test_each_step.py, for the two steps that only a deploy with a runtime has: it is built, and unpacked."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config import Settings
from tests.deploying import agent_package
from tests.deploying.conftest import SECRET_KEY
from tests.deploying.machines import add_program, processes_of
from tests.deploying.orders import deploy, ended, job, lines, order
from tests.deploying.steps import CANCEL_EXPECTED, KILL_EXPECTED, at, starts
from tests.fleet import until
from tests.gateways.ssh.machines import Sshd
from tests.journeys.conftest import a_database, a_redis
from tests.journeys.control_plane import QUICK, WORKER, ControlPlane
from tests.kit.proof import ROOM, Proof

pytestmark = [pytest.mark.long, pytest.mark.timeout(500)]
STEPS = ("bundle", "runtime")
BUILDING = "Installing PM2 and the agent package"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package and the runtimes of this control plane lie."""
    return tmp_path_factory.mktemp("runtime-steps")


@pytest.fixture(scope="module")
def shared_plane(folder: Path, settings: Settings) -> Iterator[ControlPlane]:
    """A control plane whose agents come in a package."""
    with a_database(settings, "runtime_steps") as url:
        made = ControlPlane(folder, url, a_redis(settings, "runtime_steps"), QUICK)
        made.environment |= {
            "SECRET_KEY": SECRET_KEY,
            "AGENT_PACKAGE": str(folder / "agent.tgz"),
            "AGENT_COMMAND": "the-agent --id {id}",
            "BUNDLE_DIR": str(folder / "bundles"),
            "JOB_LEASE": "8",
        }
        try:
            yield made.start()
        finally:
            made.stop()


def begun(plane: ControlPlane, machine: Sshd, programs: Path, folder: Path, name: str, end: str) -> str:
    """A deploy with a package that nobody has built a runtime of, at work at a step that takes its time."""
    agent_package.write(folder / "agent.tgz", f"1.{STEPS.index(name)}.{len(end)}")
    slow = 5 if end == "killed" else 60
    add_program(programs, "gzip", f'{f"sleep {slow}" if name == "runtime" else ":"}; exec {shutil.which("gzip")} "$@"')
    job_id = deploy(plane, order(machine, f"{end}-{name}"))
    until(lambda: job(plane, job_id)["state"] == "failed" or BUILDING in lines(plane, job_id), 100)
    if name == "runtime":
        until(lambda: job(plane, job_id)["state"] == "failed" or "Packing it" in lines(plane, job_id), 200)
    at(plane, job_id, name)
    return job_id


@pytest.mark.parametrize("name", STEPS)
def test_a_cancel_ends_the_job_and_what_runs_for_it(
    plane: ControlPlane, machine: Sshd, programs: Path, home: Path, folder: Path, proof: Proof, name: str
) -> None:
    job_id = begun(plane, machine, programs, folder, name, "cancelled")
    plane.post(f"/jobs/{job_id}/cancel")
    asked_at = time.monotonic()
    done = ended(plane, job_id, 5 * ROOM)
    ended_after = time.monotonic() - asked_at

    assert done["state"] == "cancelled", done
    until(lambda: processes_of(home) == [] and builders(folder) == [], 10 * ROOM - (time.monotonic() - asked_at))
    gone_after = time.monotonic() - asked_at
    assert [path for path in (folder / "bundles").iterdir() if "building" in path.name or path.suffix == ".part"] == []
    seen = f"ended after {ended_after:.1f} s, gone after {gone_after:.1f} s"
    proof.row(f"Deploy cancelled at `{name}`", CANCEL_EXPECTED, seen)


@pytest.mark.parametrize("name", STEPS)
def test_a_job_whose_worker_is_killed_says_at_which_step_and_is_carried_out_once(
    plane: ControlPlane, machine: Sshd, programs: Path, home: Path, folder: Path, proof: Proof, name: str
) -> None:
    job_id = begun(plane, machine, programs, folder, name, "killed")
    plane.kill("worker")
    stopped_at = job(plane, job_id)
    assert [one["name"] for one in stopped_at["steps"] if one["state"] == "running"] == [name]
    plane.run("worker", *WORKER)

    done = ended(plane, job_id, 300)
    assert (done["state"], done["attempt"]) == ("succeeded", 2), (done, lines(plane, job_id))
    assert {one["state"] for one in done["steps"]} == {"succeeded"}
    assert starts(home) == 1
    proof.row(f"Celery worker of a deploy killed at `{name}`", KILL_EXPECTED, "succeeded, 1 start")


def builders(folder: Path) -> list[psutil.Process]:
    """What builds a runtime for this control plane."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = " ".join(process.info["cmdline"] or ())
        if str(folder / "bundles") in words:
            found.append(process)
    return found
