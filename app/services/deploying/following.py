"""Follow a job that runs detached on a machine: its log from where it was read to, its steps, its end."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import func, select

from app.domain.deploying.facts import read_facts
from app.domain.deploying.markers import END, StepMark, is_marker, step_mark
from app.domain.deploying.ssh import SshFailure, SshFault
from app.domain.jobs import StepState
from app.extensions import db
from app.gateways.ssh import Input, LineReader, Shell
from app.models import Job
from app.services.deploying import remote
from app.services.jobs.run import JobRun, Mark
from app.services.transaction import transaction

LIMIT_SECONDS = 540.0
SILENCE_SECONDS = 20.0  # not even a sign of life: the connection is dead
LARGEST_GREETING = 65536  # bytes

_STATES = {"start": StepState.RUNNING, "ok": StepState.SUCCEEDED, "fail": StepState.FAILED}


class Follower:
    """Reads the remote log. What it has read is stored with the place it has read to, so nothing is lost or doubled."""

    def __init__(self, job: Job, run: JobRun) -> None:
        self.job_id, self._run = job.id, run
        self._offset = job.remote_offset
        self._reader = LineReader()
        self._failure: StepMark | None = None
        self._unheard: bytes | None = None  # what came before the log; None once the log has begun
        self.begun = False  # the files of the job are on the machine
        self._once_begun: Callable[[], None] = lambda: None
        self.step = run.step_at_work("start") if job.attempt > 1 else "start"
        self.facts: dict[str, str] = {}
        self.ended = False  # the job on the machine has said so
        self.restarted_at: datetime | None = None  # when no former daemon of this node was left

    def begin(self, machine: Shell, archive: Sequence[bytes], once_begun: Callable[[], None]) -> bool:
        """Send the files of the job and follow it to the end, as `follow` does."""
        self._once_begun = once_begun
        return self._listen(machine, remote.begin(self.job_id), archive)

    def follow(self, machine: Shell) -> bool:
        """Follow to the end: True when the job ended well, False when somebody asked to stop it. Raises SshFailure."""
        self.begun = True
        return self._listen(machine, *remote.attach(self.job_id, self._offset))

    def _listen(self, machine: Shell, command: str, stdin: Input) -> bool:
        self._reader, self._unheard = LineReader(), b""
        code = machine.stream(
            command, self._take, stdin, limit=LIMIT_SECONDS, silence=SILENCE_SECONDS, stop=self._run.heed
        )
        if code == -1 and self._run.cancel_asked:
            return False
        self.raise_failure()
        if not self.begun:
            raise remote.not_written(self._unheard or b"", code)
        if code != 0:
            raise SshFailure(SshFault.STEP_FAILED, "The job on the machine ended without a result")
        return True

    def raise_failure(self) -> None:
        """Raise SshFailure if a step has failed."""
        if self._failure is not None:
            fault, sentence = self._failure.failure
            known = fault in set(SshFault)
            raise SshFailure(SshFault(fault) if known else SshFault.STEP_FAILED, sentence)

    def take(self, piece: bytes) -> None:
        """Read a piece of a log that comes from elsewhere, with nothing before it."""
        self._unheard = None
        self._take(piece.replace(b"\x00", b"?"))

    def _take(self, piece: bytes) -> None:
        """A NUL is a sign of life and no part of the log."""
        read = self._of_the_log(piece.replace(b"\x00", b""))
        if not read:
            return
        whole = self._reader.lines(read)
        # Only whole lines count as read: a line that is cut off comes again with the next connection.
        self._offset += len(read) - self._reader.grown
        lines: list[tuple[str, str]] = []
        marks: list[Mark] = []
        for line in whole:
            if is_marker(line):
                marks += self._marks(line)
            else:
                lines.append((self.step, line))
        if whole:
            self._run.hear(lines, marks, self._offset)

    def _of_the_log(self, piece: bytes) -> bytes:
        """Login files of a user may talk: what comes before the log is not counted."""
        if self._unheard is None:
            return piece
        before, begun, log = (self._unheard + piece).partition(remote.log_begins(self.job_id))
        self._unheard = None if begun else before[-LARGEST_GREETING:]
        if begun and not self.begun:
            self.begun = True
            self._once_begun()
        return log

    def _marks(self, line: str) -> list[Mark]:
        """What a marker says about its step, and what else it tells."""
        facts = read_facts(line)
        self.facts |= facts
        if "restarted" in facts:
            self.restarted_at = _now()
        self.ended = self.ended or END.fullmatch(line) is not None
        mark = step_mark(line)
        if mark is None:
            return []
        self.step = mark.step
        if mark.what == "fail":
            self._failure = mark
            return [(mark.step, StepState.FAILED, mark.failure[1])]
        return [(mark.step, _STATES[mark.what], mark.text)]


def _now() -> datetime:
    """By the clock that heartbeats are noted by."""
    with transaction():
        return cast("datetime", db.session.scalar(select(func.now())))
