"""The scripts of a deploy on this machine's own shell: what a lost runner leaves behind does no harm."""

import os
import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import cast
from uuid import UUID, uuid4

import pytest

from app.domain.deploying.request import DeployOrder
from app.domain.ssh import Login, SshFailure, SshFault
from app.gateways.ssh import Ran, Shell
from app.services.deploying import parcel, remote, work
from app.services.deploying.following import Follower


class Here:
    """A machine that is this one, with another home folder."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(
        self, command: str, stdin: bytes = b"", limit: float = 30.0, stop: Callable[[], bool] = lambda: False
    ) -> Ran:
        stop()
        environ = {"HOME": str(self.home), "PATH": os.environ["PATH"]}
        done = subprocess.run(
            ["sh", "-c", command], input=stdin, capture_output=True, env=environ, timeout=limit, check=False
        )
        return Ran(done.returncode, (done.stdout + done.stderr).decode())


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path)


@pytest.fixture
def machine(here: Here) -> Shell:
    return cast("Shell", here)


@pytest.fixture
def job_id() -> UUID:
    return uuid4()


def never() -> bool:
    return False


def folder(here: Here, job_id: UUID) -> Path:
    return here.home / ".agenticmail" / "deploy" / str(job_id)


def test_a_job_is_started_once_however_many_attach(here: Here, machine: Shell, job_id: UUID) -> None:
    runner = b'echo started >>"$1/starts"; echo working; sleep 0.3\n'
    remote.unpack(machine, job_id, parcel.packed({"runner.sh": runner}), never)

    def attach(_: int) -> Ran:
        command, script = remote.attach(job_id, 0)
        return machine.run(command, script)

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(attach, range(8)))

    assert (folder(here, job_id) / "starts").read_text() == "started\n"
    assert {(ran.code, ran.output.replace("\x00", "").split("\n")[-2]) for ran in seen} == {(0, "working")}


def test_stopping_a_job_that_has_ended_ends_nobody_else(here: Here, machine: Shell, job_id: UUID) -> None:
    folder(here, job_id).mkdir(parents=True)
    other = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        (folder(here, job_id) / "pid").write_text(f"{other.pid}\n")
        (folder(here, job_id) / "rc").write_text("0\n")
        remote.stop(machine, job_id)
        assert other.poll() is None
        (folder(here, job_id) / "rc").unlink()
        remote.stop(machine, job_id)
        assert other.wait(5) == -signal.SIGTERM
    finally:
        other.kill()
        other.wait()


class OutOfTime:
    """Follows a job that does not end in time."""

    def __init__(self, job_id: UUID) -> None:
        self.job_id = job_id

    def follow(self, _machine: Shell) -> bool:
        raise SshFailure(SshFault.TIME_LIMIT, "Not in time")


def test_a_job_that_takes_too_long_is_stopped_on_the_machine(
    machine: Shell, job_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[UUID] = []
    monkeypatch.setattr(work.ssh, "shell", lambda *_: nullcontext(machine))
    monkeypatch.setattr(remote, "stop", lambda _machine, of: stopped.append(of))
    order = DeployOrder("10.0.0.9", "root", "SHA256:", "fresh")

    with pytest.raises(SshFailure):
        work._follow(order, Login(), cast("Follower", OutOfTime(job_id)))

    assert stopped == [job_id]
