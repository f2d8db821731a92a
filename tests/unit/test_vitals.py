"""What a web process counts over the last minute."""

from hypothesis import given
from hypothesis import strategies as st

from app.services.watching.vitals import WINDOW, Tally, Vitals


def test_heartbeats_batches_and_waits_add_up() -> None:
    vitals = Vitals()
    vitals.note_batch([0.1, 0.3], now=5.2)
    vitals.note_batch([0.2], now=5.9)
    vitals.note_batch([], now=6.0)  # a pulse alone is no heartbeat
    assert vitals.tally(now=30) == Tally(3, 2, 0.6000000000000001)


def test_what_is_older_than_a_minute_counts_no_more() -> None:
    vitals = Vitals()
    vitals.note_batch([1.0], now=0)
    vitals.note_batch([2.0], now=30)
    assert vitals.tally(now=59).heartbeats == 2
    assert vitals.tally(now=60) == Tally(1, 1, 2.0)
    assert vitals.tally(now=1000) == Tally()


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 5)), max_size=60))
def test_only_the_last_minute_counts_whenever_it_came(batches: list[tuple[int, int]]) -> None:
    vitals = Vitals()
    ordered = sorted(batches)
    for second, size in ordered:
        vitals.note_batch([0.5] * size, now=second)
    now = ordered[-1][0] if ordered else 0
    recent = [size for second, size in ordered if second > now - WINDOW]
    assert (vitals.tally(now).heartbeats, vitals.tally(now).batches) == (sum(recent), len(recent))
