"""Whoever carries out a deploy is killed, or held and let go: it ends, is carried out once, and says where it was."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploying.machines import a_machine, add_program, processes_of
from tests.deploying.orders import deploy, ended, job, lines, order
from tests.deploying.steps import STEPS, at, at_work, slowed, starts
from tests.faults.stand import TIMES, Stand
from tests.fleet import until
from tests.gateways.ssh.machines import Sshd
from tests.journeys.control_plane import WORKER
from tests.kit.proof import Proof

pytestmark = pytest.mark.long
LEASE = int(TIMES["JOB_LEASE"])


@dataclass
class Machine:
    """One to deploy to, with programs that it finds before its own."""

    server: Sshd
    home: Path
    programs: Path

    def started_once(self) -> bool:
        """Whether the work of a deploy was begun on it, and no second time."""
        return starts(self.home) == 1


@pytest.fixture
def make_machine(tmp_path: Path) -> Iterator[Callable[[str], Machine]]:
    """Makes machines; the daemon and its agents outlive a deploy, not a test."""
    homes = []

    def make(name: str) -> Machine:
        folder = tmp_path / name
        home, programs = folder / "home", folder / "bin"
        home.mkdir(parents=True)
        programs.mkdir()
        homes.append(home)
        add_program(programs, "crontab", 'if [ "$1" = -l ]; then cat "$HOME/crontab"; else cat >"$HOME/crontab"; fi')
        return Machine(machines.enter_context(a_machine(folder, home, programs)), home, programs)

    with ExitStack() as machines:
        yield make
    for pid in (pid for home in homes for pid in processes_of(home)):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def succeeded_once(stand: Stand, machine: Machine, job_id: str) -> None:
    """The second attempt went on where the first one was, and nothing was done twice."""
    done = ended(stand.plane, job_id)
    assert (done["state"], done["attempt"]) == ("succeeded", 2), (done, lines(stand.plane, job_id))
    assert machine.started_once()


@contextmanager
def other_worker(stand: Stand) -> Iterator[None]:
    """A second Celery worker, ready for work; afterwards there is one again."""
    stand.plane.run("other", *WORKER)
    until(lambda: "ready." in (stand.plane.folder / "other.log").read_text(), 30)
    yield
    stand.plane.kill("other")
    if "worker" not in stand.plane.processes:
        stand.plane.run("worker", *WORKER)


def test_f3_a_celery_worker_killed_at_any_step_of_a_deploy_ends_no_deploy(
    stand: Stand, proof: Proof, make_machine: Callable[[str], Machine]
) -> None:
    steps = STEPS[: proof.count(full=len(STEPS), small=1)]
    for name in steps:
        machine = make_machine(name)
        with slowed(machine.server, machine.programs, name, 5):
            job_id = deploy(stand.plane, order(machine.server, f"f3-{name}"))
            at(stand.plane, job_id, name)
            stand.plane.kill("worker")
            left = job(stand.plane, job_id)
        stand.plane.run("worker", *WORKER)
        assert left["state"] == "running"
        assert [one["name"] for one in left["steps"] if one["state"] == "running"] == [name]
        succeeded_once(stand, machine, job_id)
    proof.row(
        f"F3 Celery worker killed at each step of a deploy ({', '.join(steps)})",
        "the state says at which step, every job ends, the work is started once",
        f"{len(steps)} of {len(steps)} said it, succeeded by the second attempt and were started once",
    )


def test_f4_a_deploy_whose_celery_worker_is_gone_is_taken_over_by_another_in_time(
    stand: Stand, proof: Proof, make_machine: Callable[[str], Machine]
) -> None:
    machine = make_machine("machine")
    with slowed(machine.server, machine.programs, "daemon", 10):
        job_id = deploy(stand.plane, order(machine.server, "f4"))
        at(stand.plane, job_id, "daemon")
        with other_worker(stand):
            stand.plane.kill("worker")
            began = time.monotonic()
            until(lambda: job(stand.plane, job_id)["attempt"] == 2, LEASE + 15)
            took = time.monotonic() - began
            succeeded_once(stand, machine, job_id)
    proof.row(
        f"F4 The whole Celery worker killed in a deploy, another one there (lease {LEASE} s)",
        f"taken over within the lease and 5 s ({LEASE + 5} s), ends, the work is started once",
        f"taken over after {took:.1f} s, succeeded, started once",
    )
    assert took <= LEASE + 5


def test_f6_a_celery_worker_that_was_held_and_let_go_writes_nothing_more(
    stand: Stand, proof: Proof, make_machine: Callable[[str], Machine]
) -> None:
    held, machine = proof.count(full=90, small=LEASE + 6), make_machine("machine")
    with slowed(machine.server, machine.programs, "daemon", 12):
        job_id = deploy(stand.plane, order(machine.server, "f6"))
        at(stand.plane, job_id, "daemon")
        with other_worker(stand):
            with stand.stopped("worker"):
                began = time.monotonic()
                succeeded_once(stand, machine, job_id)
                time.sleep(max(held - (time.monotonic() - began), 0))
                before = (job(stand.plane, job_id), lines(stand.plane, job_id))
            time.sleep(5)  # it would have written in the first of these
            after = (job(stand.plane, job_id), lines(stand.plane, job_id))
    assert after == before
    assert stand.ticks_again(10) < 10
    proof.row(
        f"F6 Celery held for {held} s in a deploy (SIGSTOP), another one there (lease {LEASE} s)",
        "the woken one loses the claim and writes nothing, the work is started once",
        f"job, steps and all {len(before[1])} lines of its log as before, started once",
    )


def test_f28_all_of_the_control_plane_killed_in_a_deploy_ends_no_deploy(
    stand: Stand, proof: Proof, make_machine: Callable[[str], Machine]
) -> None:
    steps = STEPS[2 : 2 + proof.count(full=3, small=1)]
    for name in steps:
        machine = make_machine(name)
        with slowed(machine.server, machine.programs, name, 5):
            job_id = deploy(stand.plane, order(machine.server, f"f28-{name}"))
            at(stand.plane, job_id, name)
            for process in ("web", "worker", "beat"):
                stand.plane.kill(process)
        stand.plane.start()
        succeeded_once(stand, machine, job_id)
    proof.row(
        f"F28 Web, Celery and beat killed in a deploy and started again ({', '.join(steps)})",
        "every job ends, the work is started once",
        f"{len(steps)} of {len(steps)} succeeded by the second attempt and were started once",
    )


def test_f27_a_cancel_at_any_step_twice_and_after_the_end_ends_the_deploy_once(
    stand: Stand, proof: Proof, make_machine: Callable[[str], Machine]
) -> None:
    steps, ended_after, gone_after = STEPS[: proof.count(full=len(STEPS), small=1)], [], []
    for name in steps:
        machine = make_machine(name)
        with slowed(machine.server, machine.programs, name, 60):
            job_id = deploy(stand.plane, order(machine.server, f"f27-{name}"))
            at(stand.plane, job_id, name)
            began = time.monotonic()
            asked = [stand.plane.post(f"/jobs/{job_id}/cancel")[0] for _ in range(2)]
            done = ended(stand.plane, job_id, 5)
            ended_after.append(time.monotonic() - began)
        until(lambda machine=machine, name=name: at_work(machine.home, name) == [], 10)
        gone_after.append(time.monotonic() - began)
        asked.append(stand.plane.post(f"/jobs/{job_id}/cancel")[0])
        assert (set(asked), done["state"]) == ({200}, "cancelled"), (asked, done)
        assert job(stand.plane, job_id) == done
    assert max(gone_after) <= 10
    proof.row(
        f"F27 A deploy cancelled at each step ({', '.join(steps)}), twice, and again after its end",
        "ended <= 5 s, nothing of it left on the machine <= 10 s, the third cancel changes nothing",
        f"{len(steps)} of {len(steps)} cancelled after {max(ended_after):.1f} s at most, gone after "
        f"{max(gone_after):.1f} s at most, unchanged by the third",
    )
