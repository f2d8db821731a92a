"""Read the logs of jobs, and find lines in them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Text, func, select

from app.extensions import db
from app.models import JobLogLine
from app.services.jobs.reading import get_job
from app.services.transaction import transaction

# Terminal colours and other control characters, which no reader sees.
_ESCAPES = (
    r"\u001b(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_])"
    r"|[\u0001-\u0008\u000b-\u001f\u007f]"
)
# The dashboard marks the same lines in red; tests/unit/log_line_cases.json holds both to it.
_ERROR = (
    r"(?<!\y(?:0|no|without) )\y(?:\w*errors?|failed|failures?|fatal|traceback|\w*exception|refused|denied|cannot"
    r"|no such file|not found|npm err)\y"
)


@dataclass(frozen=True)
class LogLine:
    """One line of a log. Numbers begin at 1 and have no gap."""

    number: int
    at: datetime
    step: str
    text: str


@dataclass(frozen=True)
class LogPage:
    """Some lines of a log, oldest first."""

    lines: list[LogLine]
    last: int  # the number of the newest line there is
    matched: int  # how many lines there are, or were found, before and after these


def storable(line: str) -> str:
    """Postgres takes every character but NUL; a line of more than a screen's worth helps nobody."""
    return line.replace("\x00", "\ufffd")[:4096]


def log_after(job_id: UUID, number: int, limit: int = 1000) -> list[LogLine]:
    """The lines of a job's log that follow line `number`, oldest first, at most `limit`."""
    with transaction():
        return _lines(JobLogLine.job_id == job_id, number, limit)


def read_log(job_id: UUID, number: int, limit: int, words: str = "", errors_only: bool = False) -> LogPage:
    """The same, or only lines that contain `words` in any case, or only errors. Raises JobNotFound."""
    last = get_job(job_id).log_lines
    if not words and not errors_only:
        return LogPage(log_after(job_id, number, limit), last, last)
    plain = func.regexp_replace(JobLogLine.text, _ESCAPES, "", "g", type_=Text)
    # Lines that are written while this looks are for the next look.
    wanted = (JobLogLine.job_id == job_id) & (JobLogLine.number <= last)
    wanted = wanted & plain.icontains(words, autoescape=True) if words else wanted
    wanted = wanted & plain.regexp_match(_ERROR, flags="i") if errors_only else wanted
    with transaction():
        matched = db.session.scalar(select(func.count()).select_from(JobLogLine).where(wanted))
        return LogPage(_lines(wanted, number, limit), last, matched or 0)


def _lines(wanted: ColumnElement[bool], number: int, limit: int) -> list[LogLine]:
    chosen = select(JobLogLine).where(wanted, JobLogLine.number > number).order_by(JobLogLine.number).limit(limit)
    return [LogLine(row.number, row.at, row.step, row.text) for row in db.session.scalars(chosen)]
