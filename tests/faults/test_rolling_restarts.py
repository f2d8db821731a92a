"""Two web processes behind the proxy that we ship a configuration for, restarted one by one."""

import shutil
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from config import Settings
from tests.faults.web import TIMES, rows
from tests.fleet import until
from tests.journeys.conftest import a_database, make_plane
from tests.journeys.control_plane import ROOT, ControlPlane, free_port
from tests.kit.history import Reporters, false_offline
from tests.kit.load import Clients
from tests.kit.processes import Processes
from tests.kit.proof import Proof
from tests.kit.streams import Viewer

HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed (Debian: apt-get install haproxy)"),
]


@pytest.fixture
def pair(tmp_path: Path, settings: Settings) -> Iterator[ControlPlane]:
    """A control plane with two web processes and sign-in off, that believe a proxy on this machine."""
    with a_database(settings, "rolling") as database_url:
        plane = make_plane(tmp_path, settings, database_url, TIMES | {"TRUSTED_PROXIES": "127.0.0.1/32"})
        try:
            plane.start().start_web("second")
            yield plane
        finally:
            plane.stop()


@pytest.fixture
def proxy(pair: ControlPlane, tmp_path: Path) -> Iterator[int]:
    """The port of the proxy, with the configuration that operators get but for addresses."""
    port, processes = free_port(), Processes()
    text = (ROOT / "docker/haproxy.cfg").read_text()
    for shipped, ours in (
        ("bind :3100", f"bind 127.0.0.1:{port}"),
        ("127.0.0.1:3101", f"127.0.0.1:{pair.ports['web']}"),
        ("127.0.0.1:3102", f"127.0.0.1:{pair.ports['second']}"),
    ):
        assert shipped in text
        text = text.replace(shipped, ours)
    (tmp_path / "haproxy.cfg").write_text(text)
    processes.start([str(HAPROXY), "-db", "-f", str(tmp_path / "haproxy.cfg")], tmp_path / "haproxy.log")
    pair.ports["proxy"], pair.hosts["proxy"] = port, "127.0.0.1"
    try:
        until(lambda: pair.get("/healthz", base="", name="proxy")[0] == 200, 10)
        yield port
    finally:
        processes.end_all()


def test_restarting_web_processes_one_by_one_loses_no_event_and_flips_nobody(
    pair: ControlPlane, proxy: int, proof: Proof
) -> None:
    restarts = 0
    with Clients(proxy) as clients, Viewer(proxy) as viewer, Reporters(clients.post, 20, "rolled") as reporters:
        until(lambda: len({one.get("nodeId") for one in list(viewer.messages)}) > 20, 20)
        for _ in range(proof.count(full=5, small=1)):
            for name in ("web", "second"):
                pair.terminate(name)
                pair.start_web(name)
                restarts += 1
                time.sleep(1.5)  # the pace of the operator: the proxy looks every second who is there
        reporters.end()
        wanted = {
            (one.node_id, f"name {one.number}")
            for one in reporters.history.answers
            if (one.kind, one.status) == ("register", 200)
        }
        until(lambda: wanted <= registrations(viewer).keys(), 10)
    statuses, query = reporters.history.statuses, partial(rows, pair.dsn)

    assert {key: count for key, count in registrations(viewer).items() if key in wanted and count > 1} == {}
    assert reporters.history.lost(query) == []
    assert false_offline(query, reporters.node_ids) == []
    assert set(statuses) == {200}
    proof.row(
        f"Rolling restart: {restarts} restarts of two web processes behind HAProxy, under heartbeats, one viewer",
        "no false offline, no acknowledged write lost, no event lost or doubled, no request fails",
        f"0 offline, 0 lost; {len(wanted)} of {len(wanted)} registrations at the viewer once each, "
        f"{viewer.returns} returns of it; {statuses.total()} requests, none failed",
    )


def registrations(viewer: Viewer) -> dict[tuple[str, str], int]:
    """How often the viewer was told of each registration: node and name."""
    found: dict[tuple[str, str], int] = {}
    for one in list(viewer.messages):
        if one.get("event") in ("register", "snapshot"):
            key = (one["nodeId"], one["name"])
            found[key] = found.get(key, 0) + (one["event"] == "register")
    return found
