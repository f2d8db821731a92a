"""When a dead agent is started again."""

from __future__ import annotations

from node_daemon.agents.life import Life, Patience, restart_delay


def test_restarts_are_1_2_4_seconds_apart_and_at_most_30() -> None:
    waits = [restart_delay(deaths, Patience()) for deaths in (1, 2, 3, 4, 5, 6, 500)]

    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def crash(life: Life, now: float) -> float:
    now = life.died(now)
    life.restarted(now)
    return now


def test_the_fifth_restart_within_two_minutes_makes_a_crash_loop() -> None:
    life, now = Life(Patience()), 0.0

    for _ in range(4):
        now = crash(life, now)
        assert not life.is_looping
    now = crash(life, now)

    assert life.is_looping
    assert now < 120


def test_a_crash_loop_is_tried_every_30_seconds_and_stays_one_between_the_tries() -> None:
    life, now = Life(Patience()), 0.0
    for _ in range(5):
        now = crash(life, now)

    for _ in range(20):
        life.lived(1.0)
        then, now = now, crash(life, now)
        assert now - then == 30.0
        assert life.is_looping


def test_an_agent_that_lives_a_minute_is_forgiven() -> None:
    life, now = Life(Patience()), 0.0
    for _ in range(5):
        now = crash(life, now)

    life.lived(60.0)

    assert not life.is_looping
    assert life.died(now) == now + 1.0


def test_deaths_that_are_far_apart_are_no_crash_loop() -> None:
    life = Life(Patience())

    for minute in range(10):
        crash(life, minute * 50.0)

    assert not life.is_looping


def test_the_first_start_is_no_restart() -> None:
    life = Life(Patience(loop_restarts=1))

    life.restarted(0.0)

    assert not life.is_looping


def test_after_twenty_deaths_in_a_row_nobody_tries_any_more() -> None:
    life = Life(Patience())

    for number in range(20):
        assert not life.is_given_up
        life.died(30.0 * number)

    assert life.is_given_up
    assert life.is_looping


def test_an_agent_that_lived_calmly_in_between_is_not_given_up() -> None:
    life = Life(Patience(give_up_after=3))

    for _ in range(5):
        life.died(0.0)
        life.died(0.0)
        life.lived(60.0)

    assert not life.is_given_up


def test_no_agent_is_given_up_where_that_is_switched_off() -> None:
    life = Life(Patience(give_up_after=0))

    for _ in range(100):
        life.died(0.0)

    assert not life.is_given_up
