"""A machine without Node.js becomes a node whose agents run under PM2, from one archive that is sent once."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.deploying import agent_package
from tests.deploying.agent_package import answers
from tests.deploying.conftest import WORKER_DATABASE
from tests.deploying.fresh import Fresh
from tests.deploying.machines import add_program
from tests.deploying.orders import deploy, ended, lines, order
from tests.gateways.ssh.machines import Sshd
from tests.journeys.control_plane import ControlPlane
from tests.kit.roots import USER


@pytest.fixture(scope="module")
def shared_plane(packaged_plane: ControlPlane) -> ControlPlane:
    """A control plane whose agents come in a package."""
    return packaged_plane


def messages(job: dict[str, Any]) -> dict[str, str]:
    """What each step of a job ended with."""
    return {step["name"]: step["message"] for step in job["steps"]}


@pytest.mark.long
@pytest.mark.timeout(400)
def test_a_machine_without_node_runs_its_agents_under_pm2_and_an_unchanged_deploy_restarts_nothing(
    plane: ControlPlane, machine: Sshd, home: Path, package: Path
) -> None:
    agent_package.write(package)
    asked = order(machine, "under-pm2")
    job_id = deploy(plane, asked)
    job = ended(plane, job_id, 240)

    assert job["state"] == "succeeded", (job, lines(plane, job_id))
    first = answers(asked, machine)
    assert [(one["id"], one["database"]) for one in first] == [("a-1", WORKER_DATABASE), ("a-2", WORKER_DATABASE)]
    assert {agent["agentId"]: agent["pid"] for agent in job["result"]["agents"]} == {
        one["id"]: one["pid"] for one in first
    }
    assert plane.get("/nodes/under-pm2")[1]["status"] == "online"
    ours = home / ".agenticmail"
    assert (ours / "runtime" / "current" / "bin" / "node").exists()
    assert sorted(path.name for path in (ours / "runtime").iterdir() if path.suffix) == []
    holders = [path for path in ours.rglob("*") if path.is_file() and b"canary" in path.read_bytes()]
    assert holders == [ours / "worker.env"]

    again = ended(plane, deploy(plane, asked))

    said = messages(again)
    assert (said["runtime"], said["settings"]) == ("present", "unchanged"), again
    assert said["start"] == "already running, nothing changed"
    assert answers(asked, machine) == first

    agent_package.write(package, "2.0.0")
    changed = ended(plane, deploy(plane, asked), 240)

    assert messages(changed)["runtime"] == "installed", changed
    assert {one["version"] for one in answers(asked, machine)} == {"2.0.0"}


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize("user", ["root", USER])
def test_a_machine_as_it_is_delivered_runs_its_agents_under_pm2(
    plane: ControlPlane, make_fresh: Callable[[str], Fresh], package: Path, user: str
) -> None:
    agent_package.write(package)
    fresh = make_fresh(user)
    asked = fresh.order(f"pm2-{user}", nodePort=3101)
    job_id = deploy(plane, asked, fresh.door)
    job = ended(plane, job_id, 240)

    assert job["state"] == "succeeded", (job, lines(plane, job_id))
    node = plane.get(f"/nodes/pm2-{user}")[1]
    assert (node["status"], node["agents"]) == ("online", ["a-1", "a-2"])
    first = answers(asked, fresh.machine)
    assert [(one["id"], one["port"]) for one in first] == [("a-1", "3102"), ("a-2", "3103")]
    assert [agent["pid"] for agent in job["result"]["agents"]] == [one["pid"] for one in first]
    assert fresh.owners() == {fresh.home.stat().st_uid}
    assert job["result"]["facts"]["node"] == "no"

    again = ended(plane, deploy(plane, asked, fresh.door))
    assert messages(again)["start"] == "already running, nothing changed"
    assert answers(asked, fresh.machine) == first


@pytest.mark.long
@pytest.mark.timeout(400)
def test_a_machine_makes_its_runtime_itself_with_its_own_node_and_runs_its_agents_under_pm2(
    plane: ControlPlane, machine: Sshd, home: Path, programs: Path, package: Path
) -> None:
    if (npm := shutil.which("npm")) is None:
        pytest.skip("npm is not installed")
    registry = subprocess.run([npm, "config", "get", "registry"], capture_output=True, text=True, check=True).stdout
    (home / ".npmrc").write_text(f"registry={registry}")
    agent_package.write(package)
    asked = order(machine, "by-npm", runtime="machine")
    job_id = deploy(plane, asked)
    job = ended(plane, job_id, 240)

    assert job["state"] == "succeeded", (job, lines(plane, job_id))
    assert job["target"]["runtime"] == "machine"
    assert "Installing PM2" in lines(plane, job_id)
    first = answers(asked, machine)
    assert [(one["id"], one["version"]) for one in first] == [("a-1", "1.0.0"), ("a-2", "1.0.0")]
    made = home / ".agenticmail" / "runtime" / "current"
    assert (made / "bin" / "node").readlink() == Path(shutil.which("node") or "")
    assert list((home / ".agenticmail" / "deploy").glob("*/*.tgz")) == []
    assert {path.name for path in home.iterdir()} - {".npmrc", "crontab"} == {".agenticmail"}

    add_program(programs, "uname", f'[ "$1" = -s ] && echo Darwin || exec {shutil.which("uname")} "$@"')
    again = ended(plane, deploy(plane, {**asked, "runtime": "auto"}))  # no bundle fits
    said = messages(again)
    assert (said["runtime"], said["start"]) == ("present", "already running, nothing changed"), again
    assert answers(asked, machine) == first

    agent_package.write(package, "2.0.0")
    changed = ended(plane, deploy(plane, asked), 240)
    assert messages(changed)["runtime"] == "installed", changed
    assert {one["version"] for one in answers(asked, machine)} == {"2.0.0"}


def test_a_machine_that_no_runtime_fits_is_refused_before_anything_is_changed(
    plane: ControlPlane, machine: Sshd, home: Path, programs: Path, package: Path
) -> None:
    agent_package.write(package)
    add_program(programs, "ldd", "echo 'musl libc (x86_64)'")
    add_program(programs, "node", "echo v18.20.4")

    job = ended(plane, deploy(plane, order(machine, "no-runtime")))

    assert (job["state"], job["code"]) == ("failed", "preflight")
    assert job["message"].startswith("The machine's Node.js is too old (v18.20.4), and there is no runtime bundle for")
    assert "ask for the runtime `packages`, or install Node.js 20.6 or newer" in job["message"]
    assert list(home.iterdir()) == []


def test_a_package_that_cannot_be_had_fails_the_deploy_before_anything_is_sent(
    plane: ControlPlane, machine: Sshd, home: Path, package: Path
) -> None:
    package.unlink(missing_ok=True)

    job = ended(plane, deploy(plane, order(machine, "no-package")))

    assert (job["state"], job["code"]) == ("failed", "runtime_unavailable")
    assert "agent.tgz is not there" in job["message"]
    assert list(home.iterdir()) == []


def test_agents_with_commands_of_their_own_need_no_package(
    plane: ControlPlane, machine: Sshd, home: Path, package: Path
) -> None:
    package.unlink(missing_ok=True)
    own = [{"id": "a-1", "command": ["sleep", "1000"]}]

    job = ended(plane, deploy(plane, order(machine, "own-command", agents=own)))

    assert job["state"] == "succeeded", job
    assert not (home / ".agenticmail" / "runtime").exists()
    assert messages(job)["runtime"] == "not needed"
