"""The steps of a deploy: a machine that takes its time at one of them, and how far a job is."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.deploying.machines import add_program, processes_of
from tests.deploying.orders import step
from tests.fleet import until
from tests.gateways.ssh.machines import Sshd
from tests.journeys.control_plane import ControlPlane

PYTHON, TAR, CMP, DF = (shutil.which(name) for name in ("python3", "tar", "cmp", "df"))
# What makes the machine slow at a step: a program of it, and in which of its calls.
SLOW = {
    "probe": ("df", '*) {slow}; exec {df} "$@"'),
    "upload": ("tar", '*) {slow}; exec {tar} "$@"'),
    "daemon": ("python3", '*worker.pyz\\ --version) {slow};; esac; case x in *) exec {python} "$@"'),
    "settings": ("cmp", '*worker.env*) {slow};; esac; case x in *) exec {cmp} "$@"'),
    "start": ("crontab", "*) {slow}"),
    "register": ("python3", '*worker.pyz) {slow};; esac; case x in *) exec {python} "$@"'),
}
STEPS = ("connect", *SLOW)
# What the rows of the table promise.
KILL_EXPECTED = "the job ends, one start on the machine"
CANCEL_EXPECTED = "ended <= 5 s, nothing left <= 10 s"


@contextmanager
def slowed(machine: Sshd, programs: Path, name: str, seconds: int) -> Iterator[None]:
    """A machine that takes its time at a step."""
    if name == "connect":  # it accepts, as the kernel does for it, and says nothing
        assert machine.process is not None
        machine.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            machine.process.send_signal(signal.SIGCONT)
        return
    program, script = SLOW[name]
    filled = script.format(slow=f"sleep {seconds}", python=PYTHON, tar=TAR, cmp=CMP, df=DF)
    add_program(programs, program, f'case "$*" in {filled};; esac')
    yield


def at(plane: ControlPlane, job_id: str, name: str) -> None:
    """Wait until a step is at work."""
    until(lambda: step(plane, job_id, name)["state"] == "running", 60)


def starts(home: Path) -> int:
    """How many jobs were ever started on the machine."""
    return len([path for path in home.glob(".agenticmail/deploy/*/started") if path.is_dir()])


def at_work(home: Path, name: str) -> list[int]:
    """What a deploy that was cancelled at a step still runs; at `register` the daemon is the node's own by then."""
    found = processes_of(home)
    return [pid for pid in found if _is_runner(pid)] if name == "register" else found


def _is_runner(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return any(word.endswith("runner.sh") for word in psutil.Process(pid).cmdline())
    return False
