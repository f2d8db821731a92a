"""Beat or the Celery worker is killed, doubled, away or held: the status is right all the same, and told once."""

import os
import signal
import time

import pytest

from tests.faults.stand import Stand
from tests.fleet import until
from tests.kit.proof import Proof

BEAT = ("-m", "flask", "--app", "wsgi", "beat")


@pytest.mark.long
def test_f5_with_no_beat_two_of_them_or_a_killed_one_the_status_is_right_and_told_once(
    stand: Stand, proof: Proof
) -> None:
    away = proof.count(full=600, small=14)
    with stand.reporters("f5") as reporters:
        with stand.reporters("lost", 1):
            pass  # one node that is silent from now on
        stand.plane.kill("beat")
        time.sleep(away)
        silent = stand.plane.status_of("lost-00")
        untold = stand.announced("lost-00")

        stand.plane.run("beat", *BEAT)
        stand.plane.run("second", *BEAT)
        first = stand.ticks_again(30)
        until(lambda: stand.announced("lost-00"), 10)
        leader = next(name for name in ("beat", "second") if stand.leads(name))
        os.kill(stand.plane.processes[leader].pid, signal.SIGKILL)
        again = stand.ticks_again(30)
        stand.plane.kill(leader)
        if leader == "beat":
            stand.plane.processes["beat"] = stand.plane.processes.pop("second")
        stand.judge(reporters)
    assert silent == ("offline", "silent")
    assert untold == 0
    assert stand.announced("lost-00") == 1
    proof.row(
        f"F5 No beat for {away} s, then two, then the leader killed",
        "status right meanwhile, silence told once by whoever leads, no false offline, stale checks again <= 30 s",
        f"right; told once; 0; {first:.1f} s after the start of two, {again:.1f} s after the kill",
    )
