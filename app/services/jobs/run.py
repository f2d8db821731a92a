"""One attempt at a job: its lease, its steps, its log. Whoever lost the lease writes nothing any more."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from app.domain.errors import MusterError
from app.domain.jobs import LARGEST_LOG, RENEW_SECONDS, JobState, Step, StepState
from app.extensions import db, settings
from app.models import Job, JobLogLine, JobStep
from app.services.jobs.log import storable
from app.services.transaction import transaction

Mark = tuple[str, StepState, str]  # a step's name, its state, a sentence


AS_IT_IS = {"synchronize_session": False}  # no row of ours is held in the session; looking for it takes time


class LeaseLost(MusterError):
    """Another runner has taken this job over, or it has ended: nothing more may be written or done for it."""

    code = "lease_lost"


@dataclass
class JobRun:
    """One attempt at a job. A write of an attempt that is no longer the newest raises LeaseLost and changes nothing."""

    job_id: UUID
    attempt: int
    cancel_asked: bool = False
    renewed_at: float = -RENEW_SECONDS  # monotonic seconds
    # Written with whatever is written next, at the latest when the lease is renewed.
    lines: list[tuple[str, str]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def keep(self, **values: Any) -> Any:
        """Renew the lease, and hear whether somebody cancelled the job. Within the current transaction."""
        mine = update(Job).where(Job.id == self.job_id, Job.attempt == self.attempt, Job.state == JobState.RUNNING)
        renewed = mine.values(lease_until=func.now() + settings().job_lease, **values)
        columns = (Job.cancel_asked_at, Job.log_lines, Job.log_size)
        row = db.session.execute(renewed.returning(*columns), execution_options=AS_IT_IS).one_or_none()
        if row is None:
            raise LeaseLost("Another runner has taken over this job")
        self.cancel_asked = row.cancel_asked_at is not None
        return row

    def renew(self) -> bool:
        """Renew the lease, and write what waits; returns whether somebody asked for the end."""
        self.hear()
        return self.cancel_asked

    def heed(self) -> bool:
        """The same for whoever asks more often than a lease needs it."""
        now = time.monotonic()
        if now - self.renewed_at >= RENEW_SECONDS:
            self.renewed_at = now
            self.renew()
        return self.cancel_asked

    def step_at_work(self, default: str) -> str:
        """The step that an earlier attempt left running."""
        running = select(JobStep.name).where(JobStep.job_id == self.job_id, JobStep.state == StepState.RUNNING)
        with transaction():
            found: str | None = db.session.scalar(running.order_by(JobStep.position.desc()).limit(1))
        return found or default

    def plan(self, steps: Sequence[Step]) -> None:
        """Write down the steps; those of an earlier attempt stay as they are."""
        with transaction():
            self.keep()
            if db.session.scalar(select(func.count()).where(JobStep.job_id == self.job_id)):
                return
            rows = [
                {"job_id": self.job_id, "position": position, "name": step.name, "title": step.title}
                for position, step in enumerate(steps)
            ]
            db.session.execute(insert(JobStep), rows)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """A step while it runs: it fails with the failure that leaves the block. Its success is written soon."""
        self.mark(name, StepState.RUNNING)
        try:
            yield
        except MusterError as failure:
            if not isinstance(failure, LeaseLost):
                self.mark(name, StepState.FAILED, str(failure))
            raise
        self.marks.append((name, StepState.SUCCEEDED, ""))

    def mark(self, name: str, state: StepState, message: str = "") -> None:
        """Note how far a step is."""
        self.hear(marks=[(name, state, message)])

    def log(self, step: str, lines: Sequence[str], offset: int | None = None) -> None:
        """Add lines to the log of a step, and note how far the remote log was read."""
        self.hear([(step, line) for line in lines], offset=offset)

    def jot(self, step: str, lines: Sequence[str]) -> None:
        """Lines that are written soon."""
        self.lines += [(step, line) for line in lines]

    def hear(
        self, lines: Sequence[tuple[str, str]] = (), marks: Sequence[Mark] = (), offset: int | None = None
    ) -> None:
        """Lines, each with its step, and how far steps are, in one transaction with the place in the remote log."""
        lines, marks = [*self.lines, *lines], [*self.marks, *marks]
        with transaction():
            row = self.keep(**({} if offset is None else {"remote_offset": offset}))
            for name, state, message in marks:
                of_step = update(JobStep).where(JobStep.job_id == self.job_id, JobStep.name == name)
                values = {"state": state, "message": message, **_times(state)}
                db.session.execute(of_step.values(values), execution_options=AS_IT_IS)
            if lines:
                self._add(lines, row.log_lines + 1, LARGEST_LOG - row.log_size)
        self.lines, self.marks = [], []

    def _add(self, lines: Sequence[tuple[str, str]], first: int, room: int) -> None:
        kept = [(step, line) for step, line in lines if (room := room - len(line) - 1) >= 0]
        if kept:
            rows = [
                {"job_id": self.job_id, "number": first + index, "step": step, "text": storable(line)}
                for index, (step, line) in enumerate(kept)
            ]
            db.session.execute(insert(JobLogLine), rows)
        self.keep(
            log_lines=Job.log_lines + len(kept),
            log_size=Job.log_size + sum(len(line) + 1 for _, line in kept),
            log_dropped=Job.log_dropped + len(lines) - len(kept),
        )


def _times(state: StepState) -> dict[str, Any]:
    if state is StepState.RUNNING:
        return {"started_at": func.coalesce(JobStep.started_at, func.now()), "finished_at": None}
    return {"finished_at": func.now()}
