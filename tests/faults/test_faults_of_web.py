"""Web processes that are killed, and clients that are slow."""

import random
import select
import socket
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial

import psutil
import pytest

from config import Settings
from tests.api.test_bad_bodies import BODIES
from tests.faults.web import HELLO, POST, QUIET, a_web, children, hangers_on, health_seconds, rows
from tests.fleet import until
from tests.gate.test_raw_requests import SMUGGLING, read_all, statuses
from tests.journeys.control_plane import ControlPlane
from tests.kit.history import NO_ANSWER, Reporters, false_offline
from tests.kit.load import Clients, Storm, longest_silence
from tests.kit.proof import FULL, ROOM, SEED, Proof
from tests.kit.streams import FOLLOW

PATHS = ("/register", "/heartbeat/mac-mini", "/agents", "/join", "/nodes/mac-mini/cordon")
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[ControlPlane]:
    """Two web processes; slow clients have their full times in the full run only."""
    environment = {"WEB_CONCURRENCY": "2", **({} if FULL else QUIET)}
    with a_web(tmp_path_factory.mktemp("web"), settings, "web", **environment) as made:
        yield made


def test_processes_that_are_all_killed_at_once_are_replaced_within_a_second(web: ControlPlane) -> None:
    for child in children(web):
        child.kill()

    assert health_seconds(web.ports["web"]) < 1.0 * ROOM  # the connection waits until somebody takes it


def test_f1_killing_web_processes_under_registrations_loses_none_and_flips_nobody(
    web: ControlPlane, proof: Proof
) -> None:
    chance, kills = random.Random(SEED), 0
    with Clients(web.ports["web"]) as clients, Reporters(clients.post, 20, "beating") as reporters:
        storm = Storm(clients, proof.count(full=5000, small=120), per_second=100)
        while not storm.is_over:
            chance.choice(until(lambda: children(web))).kill()
            kills += 1
            time.sleep(2.0)  # the pace of the killing
        offline = [node_id for node_id in reporters.node_ids if web.status_of(node_id)[0] != "online"]
        reporters.end()
    told, query = storm.history, partial(rows, web.dsn)

    assert told.lost(query) + reporters.history.lost(query) == []
    [stored] = query(
        "SELECT count(*), count(DISTINCT node_id) FROM cluster_nodes WHERE node_id = ANY(%s)", storm.node_ids
    )
    assert stored == (len(storm.node_ids), len(storm.node_ids))
    assert offline + false_offline(query, reporters.node_ids) == []
    assert told.broken + reporters.history.broken == []
    assert longest_silence(told) <= 2.0 * ROOM
    proof.row(
        f"F1 kill -9 of a random gunicorn child {kills} times under 100 registrations a second",
        "no acknowledged write lost, no false offline, answers again <= 2 s, no 500",
        f"{len(storm.node_ids)} of {len(storm.node_ids)} registered, 0 lost, 0 twice, 0 offline, no answer for "
        f"{longest_silence(told):.2f} s at most, {told.statuses[NO_ANSWER]} requests were cut and tried again",
    )


def test_f26_slow_headers_and_slow_bodies_are_cut_and_hinder_nobody(web: ControlPlane, proof: Proof) -> None:
    count, port = proof.count(full=400, small=100), web.ports["web"]
    began, waits = time.monotonic(), []
    with hangers_on(port, count, HELLO) as headers, hangers_on(port, count, POST + "{") as bodies:
        waiting = {connection.fileno(): connection for connection in (*headers, *bodies)}
        while waiting:
            waits.append(health_seconds(port))
            assert time.monotonic() - began < 30, f"{len(waiting)} are still open"
            for connection in select.select(list(waiting.values()), [], [], 0.1)[0]:
                if _has_ended(connection):
                    del waiting[connection.fileno()]
    closed = time.monotonic() - began

    assert max(waits) <= 2.5 * ROOM
    assert closed <= 15
    proof.row(
        f"F26 slow headers and slow bodies, {count} connections each",
        "probe answered <= 2.5 s, all of them closed <= 15 s",
        f"slowest of {len(waits)} probes {max(waits):.2f} s, the last closed after {closed:.1f} s",
    )


def _has_ended(connection: socket.socket) -> bool:
    try:
        return not connection.recv(65536)
    except ConnectionResetError:
        return True


def test_f25_two_hundred_bad_messages_are_refused_and_leave_nothing(web: ControlPlane, proof: Proof) -> None:
    port, counts = web.ports["web"], Counter[int]()
    with Clients(port) as clients:
        assert clients.post("/register", {"nodeId": "mac-mini", "host": "127.0.0.1", "port": 3101}) == 200
        before = sizes(web.dsn)
        for path in PATHS[: proof.count(full=len(PATHS), small=2)]:
            counts.update(clients.send("POST", path, body) for body in BODIES.values())
    for trick in SMUGGLING.values():
        counts.update(statuses(said_to(port, trick)) or [NO_ANSWER])

    assert counts.total() >= proof.count(full=200, small=100)
    assert {status for status in counts if not 200 <= status < 500 and status != 501} == set()
    assert sizes(web.dsn) == before
    refused = counts.total() - counts[200]
    proof.row(
        f"F25 {counts.total()} malformed, oversized, deep, doubled and smuggled messages to a real web process",
        "only 4xx, or what is documented (of a key that comes twice the last counts), no 5xx, no unintended rows",
        f"{refused} refused ({', '.join(f'{counts[status]} x {status}' for status in sorted(counts))}), 0 rows",
    )


def sizes(dsn: str) -> dict[str, int]:
    """How many rows there are of whatever somebody may make."""
    made = ("cluster_nodes", "agents", "jobs", "users", "join_tokens", "node_credentials")
    return {table: rows(dsn, f"SELECT count(*) FROM {table}")[0][0] for table in made}  # noqa: S608 - our own names


def said_to(port: int, raw: str) -> str:
    """All that comes back from a web process until it closes."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(raw.encode("latin-1"))
        return read_all(connection)


def test_f31_a_process_without_descriptors_refuses_cleanly_and_recovers(web: ControlPlane, proof: Proof) -> None:
    fresh_children(web)
    serving, port, counts = children(web), web.ports["web"], Counter[int]()
    for child in serving:
        child.rlimit(psutil.RLIMIT_NOFILE, (64, 64))
    try:
        with Clients(port, patience=1.0) as clients, hangers_on(port, 200, FOLLOW):
            until(lambda: all(child.num_fds() >= 62 for child in serving), 10)
            ended = time.monotonic() + proof.count(full=20, small=1)
            while time.monotonic() < ended:
                counts[clients.post("/register", {"nodeId": "late", "host": "127.0.0.1", "port": 3101})] += 1
        recovered = time.monotonic()
        until(lambda: web.post("/heartbeat/late")[0] in (200, 404) and web.get("/nodes")[0] == 200, 30)
        recovered = time.monotonic() - recovered
        assert children(web) == serving
    finally:
        fresh_children(web)

    assert counts.keys() <= {NO_ANSWER, 200, 503}
    proof.row(
        "F31 64 descriptors per web process, 200 streams asked for at once",
        "refuses cleanly: no 500, no process ends; recovers by itself, at the latest with the next keep-alive (15 s)",
        f"{counts[200]} x 200, {counts[503]} x 503, {counts[NO_ANSWER]} without an answer, 0 x 500; "
        f"serves {recovered:.1f} s after the last one left, by the same processes",
    )


def fresh_children(web: ControlPlane) -> None:
    """Replace the processes that serve."""
    former = children(web)
    for child in former:
        child.kill()
    until(lambda: len(set(children(web)) - set(former)) == 2)
    assert health_seconds(web.ports["web"]) < 5
