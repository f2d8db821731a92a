"""Many machines become nodes by one request, with a real SSH server and real daemons."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.deploying.farm import Farm, a_farm
from tests.deploying.machines import add_program
from tests.deploying.orders import deploy, ended, job, lines, order
from tests.fleet import until
from tests.gateways.ssh.machines import Sshd
from tests.journeys.control_plane import WORKER, ControlPlane


@pytest.fixture
def farm(tmp_path: Path, home: Path, programs: Path) -> Iterator[Callable[..., Farm]]:
    """Makes a farm of so many machines; what runs on them is ended with the test."""
    with ExitStack() as made:
        yield lambda count, locked=(): made.enter_context(a_farm(tmp_path, home, programs, count, locked))


def slow(programs: Path, seconds: int) -> None:
    """Installing the daemon takes so long on these machines."""
    python = shutil.which("python3")
    add_program(
        programs, "python3", f'case "$*" in *worker.pyz\\ --version) sleep {seconds};; esac\nexec {python} "$@"'
    )


def states(plane: ControlPlane, job_id: str) -> list[str]:
    return [part["state"] for part in job(plane, job_id)["children"]]


def test_one_machine_of_five_refuses_the_login_and_the_others_come_online(
    plane: ControlPlane, farm: Callable[..., Farm]
) -> None:
    machines = farm(5, locked=[3])

    done = ended(plane, deploy(plane, machines.request(agents=["a-1"])), 120)

    assert (done["state"], done["code"]) == ("failed", "parts_failed"), done
    assert done["message"] == "4 of 5 done; failed: node-3 (auth_failed)"
    assert [part["state"] for part in done["children"]] == [*["succeeded"] * 2, "failed", *["succeeded"] * 2]
    until(lambda: {plane.status_of(f"node-{number}")[0] for number in (1, 2, 4, 5)} == {"online"}, 30, 0.1)


@pytest.mark.long
@pytest.mark.timeout(480)
def test_thirty_two_machines_come_online_a_few_at_a_time(plane: ControlPlane, farm: Callable[..., Farm]) -> None:
    job_id = deploy(plane, farm(32).request())
    most = 0

    def over() -> bool:
        nonlocal most
        counts = job(plane, job_id)["parts"]
        most = max(most, counts["running"])
        return bool(counts["succeeded"] == 32)

    until(over, 400)
    assert 1 < most <= 8
    assert ended(plane, job_id, 15)["message"] == "32 of 32 done"


def test_a_cancel_stops_what_runs_and_begins_nothing_more(
    plane: ControlPlane, farm: Callable[..., Farm], programs: Path, home: Path
) -> None:
    slow(programs, 60)
    machines = farm(10)
    job_id = deploy(plane, machines.request())
    until(lambda: any(part["step"] == "Install the daemon" for part in job(plane, job_id)["children"]), 60)

    plane.post(f"/jobs/{job_id}/cancel")

    done = ended(plane, job_id, 40)
    assert (done["state"], set(states(plane, job_id))) == ("cancelled", {"cancelled"}), done
    begun = [part for part in done["children"] if part["startedAt"]]
    assert len(begun) <= 8
    assert [part["message"] for part in done["children"][8:]] == ["Cancelled before it began"] * 2
    assert not any((home / host / ".agenticmail" / "worker.env").exists() for host in machines.machines)


@pytest.mark.long
def test_a_celery_worker_that_is_killed_loses_no_machine(
    plane: ControlPlane, farm: Callable[..., Farm], programs: Path
) -> None:
    slow(programs, 6)
    job_id = deploy(plane, farm(10).request())
    until(lambda: any(part["step"] == "Install the daemon" for part in job(plane, job_id)["children"]), 60)

    plane.kill("worker")
    plane.run("worker", *WORKER)

    done = ended(plane, job_id, 200)
    assert (done["state"], done["message"]) == ("succeeded", "10 of 10 done"), done
    attempts = [job(plane, part["id"])["attempt"] for part in done["children"]]
    assert max(attempts) == 2


def test_a_machine_behind_a_jump_host_comes_online(
    plane: ControlPlane, machine: Sshd, tmp_path: Path, programs: Path
) -> None:
    folder = tmp_path / "gate"
    folder.mkdir()
    with Sshd(folder) as gate:
        way: dict[str, Any] = {"host": "127.0.0.1", "port": gate.port, "user": order(machine, "x")["user"]}
        way |= {"fingerprint": gate.fingerprint, "privateKey": gate.private_key}
        look = {"host": "127.0.0.1", "port": machine.port, "bastion": way}
        assert plane.post("/ssh/host-key", look)[1] == {
            "fingerprint": machine.fingerprint,
            "known": False,
            "changed": False,
        }

        job_id = deploy(plane, order(machine, "behind", bastion=way))
        done = ended(plane, job_id)

        assert done["state"] == "succeeded", (done, lines(plane, job_id))
        assert "privateKey" not in str(done["target"])
        assert done["target"]["bastion"]["port"] == gate.port
        assert f"via {way['user']}@127.0.0.1:{gate.port}" in lines(plane, job_id)[0]
        assert plane.post("/ssh/host-key", look)[1]["known"]
        assert not plane.post("/ssh/host-key", {"host": "127.0.0.1", "port": machine.port})[1]["known"]
