"""A machine that no bundle fits makes its runtime itself when a person runs the script there, and loses it again."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import Settings
from node_daemon import build
from tests.deploying import agent_package
from tests.fleet import until
from tests.journeys.conftest import a_database, a_redis
from tests.journeys.control_plane import QUICK, ControlPlane
from tests.lifecycle.places import Place, ended, program

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
NPM = shutil.which("npm")


@pytest.fixture
def plane(tmp_path: Path, settings: Settings) -> Iterator[ControlPlane]:
    """A control plane with sign-in on whose agents come in a package."""
    with a_database(settings, "setup_runtime") as url:
        made = ControlPlane(tmp_path, url, a_redis(settings, "setup_runtime"), QUICK)
        made.environment |= {"AGENT_COMMAND": "the-agent --id {id}", "WORKER_PROGRAM": str(tmp_path / "worker.pyz")}
        made.environment |= {"AGENT_PACKAGE": str(agent_package.write(tmp_path / "agent.tgz")), "CLUSTER_AUTH": "on"}
        made.environment |= {"BUNDLE_DIR": str(tmp_path / "bundles")}
        build.write(tmp_path / "worker.pyz", program("1"))
        try:
            made.start()
            made.sign_in()
            yield made
        finally:
            made.stop()


@pytest.mark.skipif(NPM is None, reason="npm is not installed")
def test_a_script_lets_the_machine_make_its_runtime_and_uninstalling_takes_it_away(
    plane: ControlPlane, places: list[Place], tmp_path: Path
) -> None:
    place = Place(tmp_path / "machine", "by-npm")
    places.append(place)
    registry = subprocess.run([NPM or "", "config", "get", "registry"], capture_output=True, text=True, check=True)
    (place.home / ".npmrc").write_text(f"registry={registry.stdout}")
    place.add_program("ldd", "#!/bin/sh\necho 'musl libc (x86_64)'\n")

    made = plane.post("/setups", place.order(1))[1]
    ran = place.run(made["command"])

    assert ran.returncode == 0, (ran.stdout, ran.stderr)
    job = ended(plane, made["jobId"])
    assert (job["state"], job["target"]["runtime"]) == ("succeeded", "auto"), job
    assert [agent["agentId"] for agent in job["result"]["agents"]] == ["by-npm-0"]
    assert (place.root / "runtime" / "current" / "lib" / "node_modules" / "pm2" / "package.json").exists()

    removed = ended(plane, plane.post("/nodes/by-npm/uninstall")[1]["jobId"])
    assert removed["state"] == "succeeded", removed
    until(lambda: not place.processes())
    assert {path for path in place.tree() if path.startswith(".agenticmail")} == set()


def test_a_script_is_refused_what_the_machine_cannot(plane: ControlPlane, places: list[Place], tmp_path: Path) -> None:
    place = Place(tmp_path / "machine", "too-old")
    places.append(place)
    place.add_program("node", "#!/bin/sh\necho v18.20.4\n")

    made = plane.post("/setups", place.order(1, runtime="machine"))[1]
    ran = place.run(made["command"])

    assert ran.returncode == 1
    assert "The machine's Node.js is too old (v18.20.4): ask for the runtime `packages`" in ran.stderr
    assert not place.root.exists()
