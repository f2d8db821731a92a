"""A machine as it is delivered becomes a node with agents in one job, as root and as a user who may not become root."""

import shutil
from collections.abc import Callable

import pytest

from tests.deploying.fresh import Fresh
from tests.deploying.machines import add_program
from tests.deploying.orders import deploy, ended, lines
from tests.fleet import until
from tests.journeys.control_plane import ControlPlane
from tests.kit.hosts import Host
from tests.kit.roots import USER
from tests.standalone.stand_in import line_of

MakeFresh = Callable[[str], Fresh]


@pytest.mark.parametrize("user", [USER, pytest.param("root", marks=pytest.mark.long)])
def test_a_fresh_machine_is_online_with_two_agents_seen_running(
    plane: ControlPlane, make_fresh: MakeFresh, user: str
) -> None:
    fresh = make_fresh(user)
    job_id = deploy(plane, fresh.order(f"fresh-{user}"), fresh.door)
    job = ended(plane, job_id)

    assert job["state"] == "succeeded", (job, lines(plane, job_id))
    node = plane.get(f"/nodes/fresh-{user}")[1]
    assert (node["status"], node["agents"], node["managed"]) == ("online", ["a-1", "a-2"], True)
    assert [line_of(process) for process in fresh.processes()].count("sleep 1000") == 2
    assert fresh.owners() == {fresh.home.stat().st_uid}
    facts = job["result"]["facts"]
    assert (facts["node"], facts["npm"], facts["pm2"], facts["python3"]) == ("no", "no", "no", "yes")
    if isinstance(fresh.machine, Host):
        assert facts["sudo"] == ("root" if user == "root" else "none")


@pytest.mark.long
def test_a_machine_that_is_off_the_network_for_a_while_loses_no_line(
    plane: ControlPlane, make_fresh: MakeFresh
) -> None:
    fresh = make_fresh(USER)
    if not isinstance(fresh.machine, Host):
        pytest.skip("only a host of its own can be unplugged")
    speak = 'n=0; while [ $n -lt 100 ]; do n=$((n + 1)); echo "line $n"; sleep 0.05; done'
    python = (
        f'case "$*" in *worker.pyz\\ --version) {speak};; esac\nexec {shutil.which("python3", path="/usr/bin")} "$@"'
    )
    add_program(fresh.machine.programs, "python3", python)
    job_id = deploy(plane, fresh.order("unplugged"), fresh.door)
    until(lambda: "line 20" in lines(plane, job_id), 60)

    fresh.machine.unplug()
    until(lambda: any("connecting again" in line for line in lines(plane, job_id)), 60)
    fresh.machine.plug()

    job = ended(plane, job_id)
    assert job["state"] == "succeeded", (job, lines(plane, job_id))
    spoken = [f"line {number}" for number in range(1, 101)]
    assert [line for line in lines(plane, job_id) if line.startswith("line ")] == spoken
