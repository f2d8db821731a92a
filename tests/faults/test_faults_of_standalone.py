"""What `make run` starts, with its web process killed: the supervisor starts it again."""

import json
import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from standalone.supervisor import STABLE_SECONDS
from tests.faults.web import rows
from tests.fleet import until
from tests.kit.history import Reporters, false_offline
from tests.kit.load import Clients
from tests.kit.proof import Proof
from tests.kit.streams import Viewer
from tests.standalone.stand_in import Started
from tests.standalone.test_journey import muster

TIMES = {"HEARTBEAT_INTERVAL": "5", "OFFLINE_AFTER": "20", "DEAF_AFTER": "5", "STALE_CHECK_INTERVAL": "2"}
pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


def test_f2_a_killed_web_process_is_started_again_and_streams_go_on(tmp_path: Path, proof: Proof) -> None:
    kills, took = proof.count(full=5, small=1), []
    with muster(tmp_path, CLUSTER_AUTH="off", LOCAL_NODE="0", **TIMES) as run:
        run.wait_running()
        with (
            Clients(run.port) as clients,
            Viewer(run.port) as viewer,
            Reporters(clients.post, 20, "supervised") as reporters,
        ):
            until(lambda: reporters.all_heard(0), 20)
            for _ in range(kills):
                time.sleep(STABLE_SECONDS)  # who ends again sooner is started again ever later
                web = run.child("gunicorn")
                os.killpg(web.pid, signal.SIGKILL)
                began = time.monotonic()
                until(lambda began=began: reporters.all_heard(began), 30)
                took.append(time.monotonic() - began)
            since = len(viewer.messages)
            until(lambda: {one.get("nodeId") for one in viewer.messages[since:]} >= set(reporters.node_ids), 20)
            reporters.end()
        events = [one["event"] for one in viewer.messages if one.get("type") == "node"]
        query = partial(rows, dsn(run))
        assert reporters.history.lost(query) == []
        assert false_offline(query, reporters.node_ids) == []
    assert reporters.history.broken == []
    assert max(took) <= 10
    assert events.count("snapshot") <= 20, "a return was answered by a snapshot instead of what was missed"
    proof.row(
        f"F2 kill -9 of gunicorn's master and children under the supervisor of `make run`, {kills} times",
        "no acknowledged write lost, no false offline, answers again <= 10 s, streams resume without a gap",
        f"0 of {reporters.history.statuses[200]} lost, 0 offline, each node heard after {max(took):.1f} s at most, "
        f"{viewer.returns} returns of a viewer, none by a new snapshot",
    )


def dsn(run: Started) -> str:
    """The embedded database."""
    port = json.loads((run.home / "ports.json").read_text())["postgres"]
    return f"postgresql://muster:{(run.home / 'secrets' / 'postgres').read_text()}@127.0.0.1:{port}/muster"
