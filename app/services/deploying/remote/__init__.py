"""The scripts that run on the machine and how they are started: constant text, data by standard input."""

import mmap
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from app.domain.deploying.runtime import Bundle
from app.domain.deploying.ssh import SshFailure, SshFault
from app.gateways.ssh import Ran, Shell

HERE = Path(__file__).parent
# The runner is the last file of the archive: where it is, all the others are. What follows it belongs to `attach`.
BEGIN = (
    """'umask 077; F=$HOME/.agenticmail/deploy/$1; [ ! -e "$F.new" ] || rm -rf "$F.new"; """
    """mkdir -p "$F.new" && tar xf - -C "$F.new" && [ -f "$F.new/runner.sh" ] && mv "$F.new" "$F" && """
    """exec sh "$F/attach.sh" "$1" 0; code=$?; rm -rf "$F.new"; exit "$code"'"""
)
Stop = Callable[[], bool]
PROBE_SECONDS, STOP_SECONDS = 40.0, 20.0
RUNTIME_SECONDS, SILENCE_SECONDS = 400.0, 30.0


def script(name: str) -> bytes:
    """The text of a script."""
    return (HERE / name).read_bytes()


def probe(machine: Shell, url: str, node_port: int, job_id: UUID, stop: Stop) -> str:
    """What the machine says of itself, and of this job. `url` and `node_port` are plain by their own rules."""
    ran = machine.run(f"sh -s -- {_word(url)} {node_port:d} {job_id}", script("probe.sh"), PROBE_SECONDS, stop)
    return ran.output


def send_runtime(machine: Shell, bundle: Bundle, job_id: UUID, stop: Stop) -> None:
    """Send a runtime, whoever else sends the same one at the same time. Raises SshFailure."""
    folder = '"$HOME/.agenticmail/runtime"'
    place = f"{folder}/{bundle.sha256}.tar.gz"
    part = f"{place}.{job_id}.part"
    command = f"umask 077; mkdir -p {folder} && cat >{part} && mv {part} {place}"
    said: list[bytes] = []
    with bundle.path.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)  # never as a whole in memory, however many send
    code = machine.stream(command, said.append, content, limit=RUNTIME_SECONDS, silence=SILENCE_SECONDS, stop=stop)
    if code > 0:
        raise not_written(b"".join(said), code)


def stop(machine: Shell, job_id: UUID) -> Ran:
    """End the job on the machine and all it started there."""
    return machine.run(f"sh -s -- {job_id}", script("stop.sh"), STOP_SECONDS)


def begin(job_id: UUID) -> str:
    """The command that puts the files of a job in its folder, readable by its user only: all of them or none.

    Its input is their archive. Then it does what `attach` does from the first byte on.
    """
    return f"sh -c {BEGIN} begin {job_id}"


def attach(job_id: UUID, offset: int) -> tuple[str, bytes]:
    """The command and its input that follow a job's log from a byte on, and start the job if it was not yet."""
    return f"sh -s -- {job_id} {offset:d}", script("attach.sh")


def log_begins(job_id: UUID) -> bytes:
    """What `attach` says before the first byte of the log."""
    return f"\n@@ log {job_id}\n".encode()


def not_written(said: bytes, code: int) -> SshFailure:
    """Why files could not be written, by what the machine said and its exit code."""
    text = said.decode("utf-8", "replace").strip()
    fault = SshFault.DISK_FULL if "space" in text.lower() else SshFault.STEP_FAILED
    return SshFailure(fault, f"The files could not be written: {text[-200:] or code}")


def _word(text: str) -> str:
    """A word for the shell; URLs of ours need no quoting, and anything else is refused."""
    if not set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:/.-_[]%~"):
        raise ValueError("not a plain URL")
    return f"'{text}'"
