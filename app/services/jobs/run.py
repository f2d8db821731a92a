"""One attempt at a job: its lease, its steps, its log. Whoever lost the lease writes nothing any more."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text

from app.domain.errors import MusterError
from app.domain.jobs import LARGEST_LOG, RENEW_SECONDS, Step, StepState
from app.extensions import db, settings
from app.models import JobStep
from app.services.jobs.log import storable
from app.services.transaction import transaction

Mark = tuple[str, StepState, str]  # a step's name, its state, a sentence
SOON_SECONDS = 0.2  # what happens in so short a time is written at once: a step that finds nothing to do takes less

# Plain statements, since a deploy of many machines spends most of its time here.
_KEEP = text("""
UPDATE jobs SET lease_until = now() + :lease, remote_offset = coalesce(:offset, remote_offset),
    log_lines = log_lines + :lines, log_size = log_size + :size, log_dropped = log_dropped + :dropped
WHERE id = :job_id AND attempt = :attempt AND state = 'running'
RETURNING cancel_asked_at, log_lines, log_size
""")
# One statement for all that was marked. Times are ages in seconds, since only the database's clock counts.
_MARK = text("""
UPDATE job_steps SET state = said.state, message = said.message,
    started_at = coalesce(started_at, now() - said.begun * interval '1 second'),
    finished_at = now() - said.ended * interval '1 second'
FROM unnest(
    CAST(:names AS text[]), CAST(:states AS text[]), CAST(:messages AS text[]),
    CAST(:begun AS float8[]), CAST(:ended AS float8[])
) AS said (name, state, message, begun, ended)
WHERE job_steps.job_id = :job_id AND job_steps.name = said.name
""")
_ADD = text("""
INSERT INTO job_log (job_id, number, step, text)
SELECT :job_id, :before + said.place, said.step, said.line
FROM unnest(CAST(:steps AS text[]), CAST(:lines AS text[])) WITH ORDINALITY AS said (step, line, place)
""")


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
    log_size: int | None = None  # as last written
    # Written with whatever is written next, at the latest when somebody heeds the job and SOON_SECONDS have passed.
    lines: list[tuple[str, str]] = field(default_factory=list)
    marks: list[tuple[float, Mark]] = field(default_factory=list)  # each with its time, in monotonic seconds

    def keep(self, *, lines: int = 0, size: int = 0, dropped: int = 0, offset: int | None = None) -> Any:
        """Renew the lease, and hear whether somebody cancelled the job. Within the current transaction.

        `lines` of `size` characters were added to the log, others `dropped`; the remote log was read to `offset`.
        """
        mine = {"job_id": self.job_id, "attempt": self.attempt, "lease": settings().job_lease}
        counted = {"lines": lines, "size": size, "dropped": dropped, "offset": offset}
        row = db.session.execute(_KEEP, {**mine, **counted}).one_or_none()
        if row is None:
            raise LeaseLost("Another runner has taken over this job")
        self.cancel_asked = row.cancel_asked_at is not None
        self.renewed_at, self.log_size = time.monotonic(), row.log_size
        return row

    def renew(self) -> bool:
        """Renew the lease, and write what waits; returns whether somebody asked for the end."""
        self.hear()
        return self.cancel_asked

    def heed(self) -> bool:
        """The same for whoever asks more often than a lease needs it."""
        pause = SOON_SECONDS if self.marks or self.lines else RENEW_SECONDS
        if time.monotonic() - self.renewed_at >= pause:
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
        """A step while it runs: it fails with the failure that leaves the block. The rest of it is written soon."""
        self.mark_soon(name, StepState.RUNNING)
        try:
            yield
        except MusterError as failure:
            if not isinstance(failure, LeaseLost):
                self.mark(name, StepState.FAILED, str(failure))
            raise
        self.mark_soon(name, StepState.SUCCEEDED)

    def mark(self, name: str, state: StepState, message: str = "") -> None:
        """Note how far a step is."""
        self.hear(marks=[(name, state, message)])

    def mark_soon(self, name: str, state: StepState) -> None:
        """The same, written soon."""
        self.marks.append((time.monotonic(), (name, state, "")))

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
        now = time.monotonic()
        lines, timed = [*self.lines, *lines], [*self.marks, *((now, mark) for mark in marks)]
        with transaction():
            kept = self._fitting(lines) if lines else []
            size = sum(len(line) + 1 for _, line in kept)
            row = self.keep(lines=len(kept), size=size, dropped=len(lines) - len(kept), offset=offset)
            if timed:
                db.session.execute(_MARK, {"job_id": self.job_id, **_columns(timed, now)})
            if kept:
                said = {"steps": [step for step, _ in kept], "lines": [storable(line) for _, line in kept]}
                db.session.execute(_ADD, {"job_id": self.job_id, "before": row.log_lines - len(kept), **said})
        self.lines, self.marks = [], []

    def _fitting(self, lines: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """The lines that the log has room for; nobody else writes to it."""
        room = LARGEST_LOG - (self.keep().log_size if self.log_size is None else self.log_size)
        return [(step, line) for step, line in lines if (room := room - len(line) - 1) >= 0]


def _columns(marks: Sequence[tuple[float, Mark]], now: float) -> dict[str, list[Any]]:
    """What was marked as columns of a table with one row per step; of a step that is at work, the end has no age."""
    rows: dict[str, tuple[StepState, str, float | None, float | None]] = {}
    for at, (name, state, message) in marks:
        begins = state is StepState.RUNNING
        _, _, begun, _ = rows.get(name, (state, message, None, None))
        rows[name] = (state, message, now - at if begins and begun is None else begun, None if begins else now - at)
    states, messages, begun_ages, ended_ages = (list(column) for column in zip(*rows.values(), strict=True))
    return {"names": list(rows), "states": states, "messages": messages, "begun": begun_ages, "ended": ended_ages}
