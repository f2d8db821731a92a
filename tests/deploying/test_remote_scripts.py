"""The scripts of a deploy on this machine's own shell: what a lost runner leaves behind does no harm."""

import mmap
import os
import random
import shutil
import signal
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import cast
from uuid import UUID, uuid4

import pytest

from app.domain.deploying.files import runner_vars
from app.domain.deploying.runtime import Bundle
from app.domain.deploying.ssh import SshFailure, SshFault
from app.gateways.ssh import Ran, Shell
from app.services.deploying import parcel, remote, work
from tests.deploying.machines import add_program
from tests.fleet import until


class Here:
    """A machine that is this one, with another home folder."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(
        self,
        command: str,
        stdin: Sequence[bytes] | bytes = b"",
        limit: float = 30.0,
        stop: Callable[[], bool] = lambda: False,
    ) -> Ran:
        stop()
        environ = {"HOME": str(self.home), "PATH": os.environ["PATH"]}
        done = subprocess.run(
            ["sh", "-c", command],
            input=stdin if isinstance(stdin, bytes) else b"".join(stdin),
            capture_output=True,
            env=environ,
            timeout=limit,
            check=False,
        )
        return Ran(done.returncode, (done.stdout + done.stderr).decode())

    def stream(
        self,
        command: str,
        take: Callable[[bytes], None],
        stdin: mmap.mmap,
        *,
        stop: Callable[[], bool],
        **_limits: float,
    ) -> int:
        """With `stop` asked when half of the input was sent."""
        environ = {"HOME": str(self.home), "PATH": os.environ["PATH"]}
        with subprocess.Popen(
            ["sh", "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environ
        ) as process:
            assert process.stdin is not None
            process.stdin.write(stdin[: len(stdin) // 2])
            process.stdin.flush()
            if stop():
                process.kill()
                return -1
            said, _ = process.communicate(stdin[len(stdin) // 2 :], timeout=30)
        take(said)
        return process.returncode


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path)


@pytest.fixture
def machine(here: Here) -> Shell:
    return cast("Shell", here)


@pytest.fixture
def job_id() -> UUID:
    return uuid4()


def folder(here: Here, job_id: UUID) -> Path:
    return here.home / ".agenticmail" / "deploy" / str(job_id)


def test_a_job_is_started_once_however_many_attach(here: Here, machine: Shell, job_id: UUID) -> None:
    runner = b'echo started >>"$1/starts"; echo working; sleep 0.3\n'
    folder(here, job_id).mkdir(parents=True)
    (folder(here, job_id) / "runner.sh").write_bytes(runner)

    def attach(_: int) -> Ran:
        command, script = remote.attach(job_id, 0)
        return machine.run(command, script)

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(attach, range(8)))

    assert (folder(here, job_id) / "starts").read_text() == "started\n"
    assert {(ran.code, ran.output.replace("\x00", "").split("\n")[-2]) for ran in seen} == {(0, "working")}


def test_a_job_begins_when_all_its_files_are_there(here: Here, machine: Shell, job_id: UUID) -> None:
    files = {"attach.sh": remote.script("attach.sh"), "runner.sh": b'echo working; ls "$1"\n'}
    ran = machine.run(remote.begin(job_id), parcel.pieces(files))
    before, _, log = ran.output.replace("\x00", "").partition(remote.log_begins(job_id).decode())
    assert (ran.code, before, log.split()[:3]) == (0, "", ["working", "attach.sh", "log"])
    assert oct((folder(here, job_id) / "runner.sh").stat().st_mode & 0o777) == "0o600"


@pytest.mark.parametrize("cut", [0, 700, 3 * tarfile.BLOCKSIZE])
def test_of_an_archive_that_was_cut_off_nothing_is_left_or_started(
    here: Here, machine: Shell, job_id: UUID, cut: int
) -> None:
    files = {"attach.sh": remote.script("attach.sh"), "runner.sh": b"touch ~/started\n"}
    ran = machine.run(remote.begin(job_id), parcel.packed(files)[:cut])
    assert ran.code not in (0, 97, 99)
    assert [*here.home.rglob("*")] == [here.home / ".agenticmail", folder(here, job_id).parent]


def test_stopping_a_job_that_has_ended_ends_nobody_else(here: Here, machine: Shell, job_id: UUID) -> None:
    folder(here, job_id).mkdir(parents=True)
    other = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        (folder(here, job_id) / "pid").write_text(f"{other.pid}\n")
        (folder(here, job_id) / "rc").write_text("0\n")
        remote.stop(machine, job_id)
        assert other.poll() is None
        (folder(here, job_id) / "rc").unlink()
        ran = remote.stop(machine, job_id)
        assert ran.output.strip() == "0"  # though nobody has taken leave of it yet
        assert other.wait(5) == -signal.SIGTERM
    finally:
        other.kill()
        other.wait()


@pytest.fixture
def run_job_there(here: Here, tmp_path: Path) -> Iterator[Callable[[], "subprocess.Popen[str]"]]:
    """Runs the runner as a machine does, on a Python that takes a minute to try the daemon's program."""
    programs = tmp_path / "bin"
    programs.mkdir()
    real = shutil.which("python3")
    add_program(programs, "python3", f'case "$*" in *--version) echo trying; sleep 60;; esac\nexec {real} "$@"')
    started: list[subprocess.Popen[str]] = []

    def run() -> "subprocess.Popen[str]":
        job = here.home / ".agenticmail" / "deploy" / f"job-{len(started)}"
        job.mkdir(parents=True)
        said = {"JOB_ID": job.name, "DAEMON_SHA256": "x", "RUNTIME_SHA256": "", "SYSTEMD_USER": "no", "NODE_PORT": "1"}
        (job / "vars").write_text(runner_vars(said))
        (job / "worker.pyz").touch()
        (job / "runner.sh").write_bytes(remote.script("runner.sh"))
        environ = {"HOME": str(here.home), "PATH": f"{programs}:{os.environ['PATH']}"}
        command = ["sh", str(job / "runner.sh"), str(job)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ, start_new_session=True)
        started.append(process)
        return process

    yield run
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=10)


def said_until(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdout is not None
    assert any(said.startswith(line) for said in process.stdout)


def test_of_two_jobs_on_one_machine_the_second_names_the_first(
    run_job_there: Callable[[], "subprocess.Popen[str]"],
) -> None:
    said_until(run_job_there(), "trying")
    said, _ = run_job_there().communicate(timeout=20)
    assert "@@ step lock fail deploy_running another deploy is at work on this machine: job-0\n" in said
    assert said.endswith("@@ end fail\n")


def test_a_job_that_was_killed_leaves_no_lock_but_what_it_started_goes_on_holding_it(
    run_job_there: Callable[[], "subprocess.Popen[str]"],
) -> None:
    first = run_job_there()
    said_until(first, "trying")
    first.kill()  # the shell; the program that it waited for goes on
    first.wait(10)
    assert "deploy_running" in run_job_there().communicate(timeout=20)[0]

    os.killpg(first.pid, signal.SIGKILL)
    said_until(run_job_there(), "trying")


@pytest.mark.parametrize("left", ["", "job-of-yesterday\n"])
def test_a_lock_file_of_a_machine_that_lost_its_power_holds_nobody_up(
    here: Here, run_job_there: Callable[[], "subprocess.Popen[str]"], left: str
) -> None:
    (here.home / ".agenticmail" / "deploy").mkdir(parents=True)
    (here.home / ".agenticmail" / "deploy" / "lock").write_text(left)
    said_until(run_job_there(), "trying")


def test_what_another_job_is_sending_stays_and_what_a_lost_one_sent_goes(here: Here) -> None:
    runtime = here.home / ".agenticmail" / "runtime"
    runtime.mkdir(parents=True)
    for name in ("sending.tar.gz.part", "sent.tar.gz", "lost.tar.gz.part", "lost.tar.gz"):
        (runtime / name).touch()
        if name.startswith("lost"):
            os.utime(runtime / name, (time.time() - 2 * 3600,) * 2)
    for number in range(5):
        (runtime / f"kept-{number}" / "bin").mkdir(parents=True)
        os.utime(runtime / f"kept-{number}", (number, number))
    text = remote.script("runner.sh").decode()
    function = text[text.index("forget_runtimes() {") :].partition("\n}\n")[0] + "\n}\n"

    subprocess.run(["sh", "-euc", f"ROOT=$1; {function} forget_runtimes", "sh", str(runtime.parent)], check=True)

    assert sorted(path.name for path in runtime.iterdir()) == [
        "kept-2",
        "kept-3",
        "kept-4",
        "sending.tar.gz.part",
        "sent.tar.gz",
    ]


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """A runtime to send, of other bytes everywhere."""
    path = tmp_path / "bundle.tar.gz"
    path.write_bytes(random.Random(1).randbytes(400_000))
    return Bundle(path, "c0ffee", 400_000, "", frozenset())


def test_two_jobs_that_send_one_runtime_at_the_same_time_do_not_disturb_each_other(
    here: Here, machine: Shell, bundle: Bundle
) -> None:
    def another_sends_it_meanwhile() -> bool:
        remote.send_runtime(machine, bundle, uuid4(), lambda: False)
        return False

    remote.send_runtime(machine, bundle, uuid4(), another_sends_it_meanwhile)

    [sent] = (here.home / ".agenticmail" / "runtime").iterdir()
    assert sent.read_bytes() == bundle.path.read_bytes()


def test_of_a_runtime_whose_sending_was_cancelled_nothing_is_left(
    here: Here, machine: Shell, bundle: Bundle, job_id: UUID
) -> None:
    remote.send_runtime(machine, bundle, job_id, lambda: True)
    until(lambda: list((here.home / ".agenticmail" / "runtime").iterdir()), 5)
    remote.stop(machine, job_id)
    assert list((here.home / ".agenticmail" / "runtime").iterdir()) == []


def out_of_time() -> bool:
    raise SshFailure(SshFault.TIME_LIMIT, "Not in time")


def test_a_job_that_takes_too_long_is_stopped_on_the_machine(
    machine: Shell, job_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[UUID] = []
    monkeypatch.setattr(remote, "stop", lambda _machine, of: stopped.append(of))

    with pytest.raises(SshFailure):
        work._follow(machine, job_id, out_of_time)

    assert stopped == [job_id]
