"""Where points lie, which of them a reader gets, and that gaps stay gaps."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.errors import InvalidInput
from app.domain.nodes.metrics import (
    DAY,
    HOUR,
    KEPT,
    MINUTE,
    MOST_POINTS,
    QUARTER,
    STEPS,
    Block,
    Window,
    finished_quarters,
    nearest_minute,
    place,
    values,
    window,
)

NOW = datetime(2026, 11, 23, 15, 7, 20, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2001, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def at(hour: int, minute: int, second: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "minute"),
    [
        (at(15, 6, 59), at(15, 7)),
        (at(15, 7, 0), at(15, 7)),
        (at(15, 7, 29), at(15, 7)),
        (at(15, 7, 30), at(15, 8)),
        (at(23, 59, 59, day=22), at(0, 0)),
    ],
)
def test_a_tick_a_little_early_or_late_is_the_sample_of_its_minute(now: datetime, minute: datetime) -> None:
    assert nearest_minute(now) == minute


@pytest.mark.parametrize(
    ("step", "start", "slot"), [(MINUTE, at(15, 0), 8), (QUARTER, at(0, 0), 61)], ids=["an hour", "a day"]
)
def test_a_point_lies_in_the_block_of_its_hour_or_day(step: int, start: datetime, slot: int) -> None:
    assert place(NOW, step) == (start, slot)


@given(INSTANTS, st.sampled_from(sorted(KEPT)))
def test_every_instant_has_one_slot_and_the_slot_leads_back_to_it(now: datetime, step: int) -> None:
    start, slot = place(now, step)
    assert 1 <= slot <= KEPT[step].slots
    assert timedelta(0) <= now - (start + timedelta(seconds=(slot - 1) * step)) < timedelta(seconds=step)


@given(INSTANTS)
def test_finished_quarters_are_over_and_follow_each_other(now: datetime) -> None:
    newest, before = finished_quarters(now, 2)
    assert timedelta(0) <= now - (newest + timedelta(minutes=15)) < timedelta(minutes=15)
    assert newest - before == timedelta(minutes=15)
    assert place(newest, MINUTE)[1] <= 46  # so its minutes lie in one block


def test_without_a_wish_it_is_a_day_by_minutes() -> None:
    found = window(NOW, None, None, None)
    assert (found.step, len(found.times)) == (MINUTE, 1440)
    assert (found.first, found.last) == (at(15, 8, day=22).timestamp(), at(15, 7).timestamp())


@pytest.mark.parametrize(
    ("back", "step"),
    [
        (timedelta(hours=1), MINUTE),
        (DAY, MINUTE),
        (DAY + timedelta(minutes=5), QUARTER),
        (15 * DAY, QUARTER),
        (16 * DAY, HOUR),
        (30 * DAY, HOUR),
        (60 * DAY, HOUR),
    ],
)
def test_the_longer_the_time_the_longer_the_step(back: timedelta, step: int) -> None:
    assert window(NOW, NOW - back, None, None).step == step


def test_an_old_hour_comes_from_what_is_still_kept() -> None:
    assert window(NOW, NOW - 3 * DAY, NOW - 3 * DAY + timedelta(hours=1), None).step == QUARTER


def test_a_quarter_that_is_not_over_has_no_point_yet() -> None:
    assert window(NOW, at(14, 0), None, QUARTER).times[-1] == at(14, 45).timestamp()
    assert window(NOW, at(15, 0), None, QUARTER).times[:] == range(0)


@given(
    st.none() | st.timedeltas(timedelta(days=-5), timedelta(days=100)),
    st.none() | st.timedeltas(timedelta(days=-5), timedelta(days=100)),
    st.sampled_from([None, *STEPS]),
)
def test_a_window_is_bounded_aligned_and_within_what_was_asked(
    start: timedelta | None, end: timedelta | None, step: int | None
) -> None:
    earliest, latest = (None if back is None else NOW - back for back in (start, end))
    try:
        found = window(NOW, earliest, latest, step)
    except InvalidInput as refusal:
        assert refusal.fields.keys() == {"from"}  # noqa: PT017
        return
    assume(found.times)
    assert len(found.times) <= MOST_POINTS
    assert all(t % found.step == 0 for t in found.times)
    assert found.times[-1] <= min(latest or NOW, NOW).timestamp()
    assert earliest is None or found.first >= earliest.timestamp()
    assert step in (None, found.step)


@pytest.mark.parametrize(
    ("start", "end", "step", "sentence"),
    [
        (NOW, NOW - DAY, None, "earlier than `to`"),
        (NOW, NOW, None, "earlier than `to`"),
        (NOW + DAY, NOW + 2 * DAY, None, "not in the future"),
        (NOW - 2 * DAY, NOW, MINUTE, "2881 points, at most 1500"),
        (NOW - 100 * DAY, NOW, None, "at most 1500"),
        (datetime.fromtimestamp(0, UTC), NOW, None, "at most 1500"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(start: datetime, end: datetime, step: int | None, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        window(NOW, start, end, step)


def test_what_is_not_known_is_a_gap() -> None:
    blocks = [Block(0, {"cpu": [0.1, None, 0.3]}), Block(3600, {"cpu": [None, 0.5]})]
    assert values(Window(0, 240, MINUTE), blocks, "cpu") == [0.1, None, 0.3, None, None]
    assert values(Window(3540, 3660, MINUTE), blocks, "cpu") == [None, None, 0.5]


def test_an_hour_is_the_mean_of_the_quarters_that_are_known() -> None:
    blocks = [Block(0, {"load": [1.0, None, 2.0, None, None, None, None, None, 4.0]})]
    assert values(Window(0, 2 * HOUR, HOUR), blocks, "load") == [1.5, None, 4.0]


@given(st.lists(st.none() | st.floats(0, 1), max_size=96), st.integers(0, 100), st.integers(0, 100))
def test_each_point_is_read_at_the_time_it_was_kept_for(points: list[float | None], first: int, count: int) -> None:
    wanted = Window(first * QUARTER, (first + count) * QUARTER, QUARTER)
    found = values(wanted, [Block(0, {"cpu": points})], "cpu")
    assert found == [points[i] if i < len(points) else None for i in range(first, first + count + 1)]
