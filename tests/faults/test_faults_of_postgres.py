"""The database is killed, stopped, full, crowded, or takes no writes: 503 meanwhile, and nothing is lost."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from psutil import CONN_ESTABLISHED, Process

from tests.faults.stand import Stand
from tests.fleet import until
from tests.kit.proof import ROOM, SEED, Proof

POOLED = 6  # sessions of one web process at rest: five for requests and one for heartbeats


def test_f11_postgres_stopped_at_once_again_and_again_loses_nothing_that_was_acknowledged(
    stand: Stand, proof: Proof
) -> None:
    times, dice, took = proof.count(full=20, small=1), random.Random(SEED), []
    with stand.reporters("f11") as reporters:
        for _ in range(times):
            time.sleep(dice.uniform(0, 2))  # at any moment of what is written
            stand.postgres.stop_immediately()
            time.sleep(dice.uniform(0, 2))
            stand.postgres.start()
            took.append(stand.recovered_after(reporters, 5 * ROOM))
        stand.judge(reporters)
        answered = reporters.history.statuses
    proof.row(
        f"F11 Postgres stopped at once and started, {times} times",
        "no acknowledged write lost, no false offline, no 500, all nodes heard <= 5 s after it accepts",
        f"0 lost of {answered[200]} acknowledged, 0, 0; {max(took):.1f} s at most; {answered[503]} answers 503",
    )


def test_f12_a_hung_postgres_is_answered_for_in_time_and_leaves_nothing_behind(stand: Stand, proof: Proof) -> None:
    seconds = proof.count(full=30, small=4)
    with stand.reporters("f12") as reporters:
        stand.postgres.freeze()
        began = time.monotonic()
        try:
            read = readers(stand, began + seconds)
        finally:
            stand.postgres.thaw()
        took = stand.recovered_after(reporters, 5 * ROOM)
        during = reporters.history.since(began)
        stand.judge(reporters)
    until(lambda: requests_under_way(stand) == 0, 10)
    [(sessions,)] = stand.postgres.query("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'muster-web'")
    assert sessions <= POOLED
    assert {status for status, _ in read} == {503}
    slowest = max(during.slowest(), *(taken for _, taken in read))
    assert slowest <= 3.5 * ROOM
    proof.row(
        f"F12 Postgres hangs for {seconds} s (SIGSTOP)",
        "503 within 3.5 s, no piled-up requests, no false offline, all nodes heard <= 5 s after",
        f"503 within {slowest:.2f} s, 0 requests and {sessions} sessions left, 0; {took:.1f} s",
    )


def readers(stand: Stand, until_then: float) -> list[tuple[int, float]]:
    """Twenty people who read the list over and over; the status and the seconds of each try."""

    def read(_: int) -> list[tuple[int, float]]:
        found = []
        while (began := time.monotonic()) < until_then:
            found.append((stand.plane.get("/nodes")[0], time.monotonic() - began))
        return found

    with ThreadPoolExecutor(20) as people:
        return [one for tries in people.map(read, range(20)) for one in tries]


def requests_under_way(stand: Stand) -> int:
    """Connections to the web process."""
    [port] = stand.plane.ports.values()
    [web] = Process(stand.plane.processes["web"].pid).children()
    return sum(one.status == CONN_ESTABLISHED and one.laddr.port == port for one in web.net_connections("tcp"))


@pytest.mark.long
def test_f13_without_a_free_connection_heartbeats_go_on_and_the_rest_is_asked_to_wait(
    stand: Stand, proof: Proof
) -> None:
    with stand.reporters("f13") as reporters, ThreadPoolExecutor(30) as people:
        began = time.monotonic()
        with stand.postgres.crowded() as held:
            read = list(people.map(lambda _: stand.plane.get("/nodes/f13-00/transitions")[0], range(60)))
            time.sleep(proof.count(full=30, small=2))
        during = reporters.history.since(began)
        beats = {one.status for one in during.answers if one.kind == "heartbeat"}
        took = stand.recovered_after(reporters, 5 * ROOM)
        stand.judge(reporters)
    assert set(read) <= {200, 503}
    assert beats == {200}
    proof.row(
        f"F13 All other connections of Postgres taken ({held})",
        "503 or served by what is open, heartbeats taken on their own connection, no false offline",
        f"{read.count(200)} served, {read.count(503)} answered 503; heartbeats all taken, 0; {took:.1f} s",
    )


@pytest.mark.long
def test_f15_a_server_that_takes_no_writes_is_left_for_one_that_does(stand: Stand, proof: Proof) -> None:
    with stand.reporters("f15") as reporters, ThreadPoolExecutor(5) as people:
        stand.postgres.take_no_writes()
        stand.postgres.drop_sessions()
        began = time.monotonic()
        until(lambda: reporters.history.since(began).statuses[503] >= 10, 15)
        read = set(people.map(lambda _: stand.plane.get("/nodes/f15-00/transitions")[0], range(5)))
        registered = {stand.register(f"f15-new-{number}") for number in range(5)}
        time.sleep(proof.count(full=15, small=2))
        stand.postgres.take_writes()  # for new sessions; those that are there may never write again
        took = stand.recovered_after(reporters, 10)
        until(lambda: {stand.register(f"f15-new-{number}") for number in range(5)} == {200}, 10)
        ticked = stand.ticks_again(10)
        stand.judge(reporters)
    assert read == {200}
    assert registered == {503}
    proof.row(
        "F15 Reconnected to a Postgres that is read-only, as after a fail-over",
        "reads answered, writes 503, no 500, those sessions left: all heard <= 10 s after another takes writes",
        f"200, 503, 0; heard after {took:.1f} s, stale checks after {ticked:.1f} s",
    )
