"""When the daemon speaks next."""

from __future__ import annotations

import pytest

from node_daemon import pace


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 27.0), (0.5, 28.5), (1.0, 30.0)])
def test_the_next_beat_comes_after_27_to_30_of_30_seconds(chance: float, seconds: float) -> None:
    assert pace.beat_delay(30.0, chance) == pytest.approx(seconds)


def test_a_failed_beat_is_tried_again_four_times_within_the_interval_then_at_the_normal_pace() -> None:
    waits = [pace.beat_retry_delay(failures, 30.0, 1.0) for failures in range(1, 7)]

    assert waits == [1.0, 2.0, 4.0, 8.0, 30.0, 30.0]
    assert sum(waits[:4]) < 30.0


def test_registration_is_tried_for_ever_and_at_most_30_seconds_apart() -> None:
    waits = [pace.register_delay(failures, 1.0) for failures in (1, 2, 3, 4, 5, 6, 10_000)]

    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


@pytest.mark.parametrize("failures", [1, 3, 50])
def test_full_jitter_never_becomes_a_busy_loop(failures: int) -> None:
    assert pace.register_delay(failures, 0.0) >= 0.2
    assert pace.beat_retry_delay(failures, 30.0, 0.0) >= 0.2


@pytest.mark.parametrize(
    ("asked", "interval"),
    [(10_000, 10.0), (1, 1.0), (10**9, 300.0), (None, 30.0), ("5000", 30.0), (True, 30.0), (float("nan"), 30.0)],
)
def test_the_control_plane_sets_the_pace_within_1_to_300_seconds(asked: object, interval: float) -> None:
    assert pace.asked_interval(asked, 30.0) == interval


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("100000", 300.0), (None, None), ("Mon, 23 Nov", None)])
def test_retry_after_is_heard_when_it_is_a_number(header: str | None, seconds: float | None) -> None:
    assert pace.retry_after(header) == seconds
