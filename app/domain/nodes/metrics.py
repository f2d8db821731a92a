"""History of usage: which steps are kept, how points lie in blocks, and which points a reader gets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.domain.errors import InvalidInput

FLEET = "*"  # stands for the whole fleet where a node id is expected: no node can have it
MINUTE, QUARTER, HOUR = 60, 900, 3600  # seconds from point to point
MOST_POINTS = 1500
DAY = timedelta(days=1)
SHARES = ("cpu", "memory", "disk")
SCALE = 10_000  # shares are stored in whole hundredths of a percent


@dataclass(frozen=True)
class Kept:
    """How points of one step are kept: in blocks of `slots` points, for so long."""

    step: int
    slots: int
    for_: timedelta

    @property
    def block(self) -> int:
        """Seconds that a block spans."""
        return self.step * self.slots


# A minute's point is a sample, a quarter's is the mean of its minutes. An hour's is made when it is read.
KEPT = {MINUTE: Kept(MINUTE, 60, DAY), QUARTER: Kept(QUARTER, 96, 30 * DAY)}
STEPS = (MINUTE, QUARTER, HOUR)


@dataclass(frozen=True)
class Block:
    """Points of one step from `start` (epoch seconds) on, one list per figure; a list may end early."""

    start: int
    values: Mapping[str, Sequence[float | None]]


@dataclass(frozen=True)
class Window:
    """What a reader gets: the points at `first`, `first + step` … up to `last` (epoch seconds), perhaps none."""

    first: int
    last: int
    step: int

    @property
    def stored_step(self) -> int:
        """The step of the blocks that it is read from."""
        return min(self.step, QUARTER)

    @property
    def times(self) -> range:
        """The time of each point."""
        return range(self.first, self.last + 1, self.step)


def nearest_minute(now: datetime) -> datetime:
    """The minute that a sample taken now stands for: a tick may come a little early or late."""
    return datetime.fromtimestamp((now.timestamp() + MINUTE / 2) // MINUTE * MINUTE, UTC)


def place(at: datetime, step: int) -> tuple[datetime, int]:
    """The start of the block that holds a point, and its slot there, counted from 1 as Postgres does."""
    seconds, block = int(at.timestamp()), KEPT[step].block
    return datetime.fromtimestamp(seconds - seconds % block, UTC), seconds % block // step + 1


def finished_quarters(now: datetime, count: int) -> list[datetime]:
    """The starts of the newest quarters of an hour that are over, newest first."""
    newest = int(now.timestamp()) // QUARTER * QUARTER - QUARTER
    return [datetime.fromtimestamp(newest - i * QUARTER, UTC) for i in range(count)]


def window(now: datetime, start: datetime | None, end: datetime | None, step: int | None) -> Window:
    """The points from `start` (default: a day before the end) to `end` (default: now).

    Without a step, the finest that is kept for so long and gives few enough points. A point that stands for
    the time after it is left out until that time is over. Raises InvalidInput for what makes no sense.
    """
    end = min(end or now, now)
    start = start or end - DAY
    if start >= end:
        raise _fault("from", "must be earlier than `to`, and not in the future")
    chosen = step or next((s for s in STEPS if _reaches(s, now, start) and _points(start, end, s) <= MOST_POINTS), HOUR)
    if (points := _points(start, end, chosen)) > MOST_POINTS:
        raise _fault("from", f"asks for {points} points, at most {MOST_POINTS}: take a shorter time or a longer step")
    complete = end if chosen == MINUTE else min(end, now - timedelta(seconds=chosen))
    first, last = -(-start.timestamp() // chosen) * chosen, complete.timestamp() // chosen * chosen
    return Window(int(first), int(last), chosen)


def values(wanted: Window, blocks: Iterable[Block], figure: str) -> list[float | None]:
    """One value per point of the window, None where nothing is known: the mean of what is stored for its time."""
    stored = wanted.stored_step
    known = {
        block.start + slot * stored: value
        for block in blocks
        for slot, value in enumerate(block.values[figure])
        if value is not None
    }
    if wanted.step == stored:
        return [known.get(at) for at in wanted.times]
    return [_mean([known[t] for t in range(at, at + wanted.step, stored) if t in known]) for at in wanted.times]


def _mean(found: Sequence[float]) -> float | None:
    return sum(found) / len(found) if found else None


def _reaches(step: int, now: datetime, start: datetime) -> bool:
    # A minute's slack: "the last 24 hours" was asked for a moment ago.
    return step == HOUR or start >= now - KEPT[step].for_ - timedelta(minutes=1)


def _points(start: datetime, end: datetime, step: int) -> int:
    return int((end - start).total_seconds() // step) + 1


def _fault(parameter: str, fault: str) -> InvalidInput:
    return InvalidInput(f"Not accepted: {parameter} {fault}", {parameter: fault})
