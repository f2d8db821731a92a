"""A script and a bundle bring the runtime of the agents, which PM2 looks after until the node is uninstalled."""

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import Settings
from node_daemon import build
from tests.deploying import agent_package
from tests.fleet import until
from tests.journeys.conftest import a_database
from tests.journeys.control_plane import QUICK, ControlPlane
from tests.lifecycle.places import Place, ended, hand_out, program, save_bundle

REDIS_OFFSET = 41
DATABASE = "postgresql://agents:canary@db/agents"


@pytest.fixture
def plane(tmp_path: Path, settings: Settings) -> Iterator[ControlPlane]:
    """A control plane whose agents come in a package."""
    redis, _, number = settings.redis_url.rpartition("/")
    package = agent_package.write(tmp_path / "agent.tgz")
    with a_database(settings, "setup_runtime") as url:
        made = ControlPlane(tmp_path, url, f"{redis}/{int(number) + REDIS_OFFSET}", QUICK)
        made.environment |= {
            "AGENT_PACKAGE": str(package),
            "AGENT_COMMAND": "the-agent --id {id}",
            "CLUSTER_AUTH": "on",
        }
        made.environment |= {"BUNDLE_DIR": str(tmp_path / "bundles"), "WORKER_DATABASE_URL": DATABASE}
        made.environment["WORKER_PROGRAM"] = str(tmp_path / "worker.pyz")
        build.write(tmp_path / "worker.pyz", program("1"))
        try:
            made.start()
            made.sign_in()
            yield made
        finally:
            made.stop()


@pytest.mark.long
@pytest.mark.timeout(600)
def test_agents_under_pm2_from_the_line_to_the_last_trace(
    plane: ControlPlane, places: list[Place], tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = Place(tmp_path_factory.mktemp("m") / "m", "by-hand")  # PM2's socket needs a short path
    places.append(place)
    made = plane.post("/setups", place.order(2))[1]
    assert DATABASE not in made["script"]

    ran = place.run(made["command"])

    assert ran.returncode == 0, (ran.stdout, ran.stderr)
    job = ended(plane, made["jobId"])
    assert job["state"] == "succeeded", job
    assert (place.root / "runtime" / "current" / "bin" / "node").exists()
    assert DATABASE in (place.root / "worker.env").read_text()
    pids = {agent["agentId"]: agent["pid"] for agent in job["result"]["agents"]}
    assert pids.keys() == {"by-hand-0", "by-hand-1"}

    hand_out(plane, program("2"))
    assert ended(plane, plane.post("/nodes/by-hand/upgrade")[1]["jobId"])["message"] == "Upgraded from 1 to 2"
    seen = plane.get("/nodes/by-hand")[1]["agentDetails"]
    assert {agent["agentId"]: agent["pid"] for agent in seen} == pids

    uninstalled = ended(plane, plane.post("/nodes/by-hand/uninstall")[1]["jobId"])
    assert uninstalled["state"] == "succeeded", uninstalled
    until(lambda: not place.processes())
    assert place.tree() == set()

    folder = save_bundle(plane, place, agents=1, platform="x64")
    again = place.run(f"sh {folder}/install.sh")
    assert again.returncode == 0, (again.stdout, again.stderr)
    until(lambda: plane.get("/nodes/by-hand")[1].get("agents") == ["by-hand-0"], 60)
    assert DATABASE not in (folder / "files" / "worker.env").read_text()
    assert tarfile.is_tarfile(folder / "files" / "runtime.tar.gz")
