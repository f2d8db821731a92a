"""Redis is killed, emptied, stopped or full: nodes live on, live views say so, and no job is stuck."""

import random
import time

import pytest

from tests.faults.stand import Stand
from tests.fleet import until
from tests.journeys.control_plane import BASE, Recorder
from tests.kit.proof import FULL, SEED, Proof


def test_f7_redis_killed_again_and_again_costs_no_node_its_place_and_celery_comes_back(
    stand: Stand, proof: Proof
) -> None:
    times, dice, back = proof.count(full=20, small=1), random.Random(SEED), []
    with stand.reporters("f7") as reporters:
        for _ in range(times):
            time.sleep(dice.uniform(0, 5 if times > 1 else 1))
            stand.redis.kill()
            time.sleep(dice.uniform(0, 5 if times > 1 else 1))
            stand.redis.start()
            back.append(stand.ticks_again(15))
        refused = reporters.history.statuses[503]
        stand.judge(reporters)
        count = reporters.history.statuses[200]
    assert refused <= (0 if FULL else 3)  # on a busy machine; each of the nodes, if they needed Redis
    proof.row(
        f"F7 Redis killed and started without its data, {times} times",
        "no acknowledged write lost, no false offline, no 500, stale checks again <= 15 s",
        f"0 lost of {count}, 0, 0; {max(back):.1f} s at most; {refused} registrations and heartbeats refused",
    )


@pytest.mark.long
def test_f8_no_deploy_is_stuck_when_redis_forgets_fifty_that_are_queued(stand: Stand, proof: Proof) -> None:
    count = proof.count(full=50, small=10)
    with stand.stopped("worker"):
        ids = [stand.deploy(number) for number in range(count)]
        stand.redis.forget()
    began = time.monotonic()

    def begun() -> int:
        [(found,)] = stand.postgres.query("SELECT count(*) FROM jobs WHERE id::text = ANY(%s) AND attempt > 0", ids)
        return int(found)

    until(lambda: begun() == count, 45)
    sent_again = time.monotonic() - began
    until(lambda: stand.ended(ids), 60)
    codes = {code for (code,) in stand.postgres.query("SELECT code FROM jobs WHERE id::text = ANY(%s)", ids)}
    assert codes == {"credential_expired"}
    proof.row(
        f"F8 FLUSHALL with {count} deploys queued",
        "all taken again <= 30 s, those whose login vanished end as credential_expired, none stuck",
        f"{count} taken within {sent_again:.1f} s, all credential_expired, 0 stuck",
    )


@pytest.mark.long
def test_f9_with_a_hung_redis_nodes_report_as_before_and_viewers_are_told(stand: Stand, proof: Proof) -> None:
    seconds = 30  # in which each thread of Celery fails to report its end
    with stand.reporters("f9") as reporters, stand.busy_celery():
        viewer = Recorder(stand.plane.url() + BASE + "/stream?view=patch")
        until(lambda: viewer.messages)
        stand.redis.freeze()
        began = time.monotonic()
        try:
            until(lambda: stand.says_delayed(viewer, began), seconds)
            told = time.monotonic() - began
            asked = stand.ask_for_test()
            time.sleep(max(seconds - (time.monotonic() - began), 0))
            during = reporters.history.since(began)
        finally:
            stand.redis.thaw()
        back = stand.ticks_again(30)
        viewer.close()
        stand.judge(reporters)
    assert set(during.statuses) == {200}
    assert during.slowest(0.99) <= 2
    assert asked[0] in (200, 503)
    proof.row(
        f"F9 Redis hangs for {seconds} s (SIGSTOP), all threads of Celery at work",
        "registrations and heartbeats taken, p99 <= 2 s; live views told; no false offline; stale checks again <= 30 s",
        f"all {len(during.answers)} taken, p99 {during.slowest(0.99):.2f} s; told after {told:.1f} s; 0;"
        f" stale checks {back:.1f} s after",
    )


@pytest.mark.long
def test_f10_with_a_full_redis_nodes_report_as_before_and_no_job_is_lost(stand: Stand, proof: Proof) -> None:
    seconds = proof.count(full=30, small=6)
    with stand.reporters("f10") as reporters:
        stand.redis.fill()
        began = time.monotonic()
        try:
            asked = stand.ask_for_test()
            status, answer = stand.ask_for_deploy(0)
            time.sleep(max(seconds - (time.monotonic() - began), 0))
            during = reporters.history.since(began)
        finally:
            stand.redis.empty()
        back = stand.ticks_again(15)
        stand.judge(reporters)
    assert set(during.statuses) == {200}
    assert during.slowest(0.99) <= 2
    assert (asked[0], asked[1]["code"]) == (200, "unavailable")
    assert (status, answer["code"]) == (503, "unavailable")
    until(lambda: stand.ended([]), 10)
    proof.row(
        f"F10 Redis without memory for {seconds} s (noeviction)",
        "registrations and heartbeats taken, p99 <= 2 s; jobs that cannot be handed on refused with 503, none stuck",
        f"all {len(during.answers)} taken, p99 {during.slowest(0.99):.2f} s; 503, 0 stuck;"
        f" stale checks {back:.1f} s after",
    )
