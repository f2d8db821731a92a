"""Real daemons join a real control plane with sign-in on."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from config import Settings
from tests.fleet import until
from tests.journeys.conftest import a_database, make_plane
from tests.journeys.control_plane import QUICK, ROOT, ControlPlane, free_port


@pytest.fixture(scope="module")
def guarded_plane(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[ControlPlane]:
    """The web process of a control plane with sign-in on, and an admin's script to look at it."""
    with a_database(settings, "joining") as database_url:
        folder = tmp_path_factory.mktemp("joining")
        made = make_plane(folder, settings, database_url, {**QUICK, "CLUSTER_AUTH": "on"})
        try:
            made.start_web("web")
            made.sign_in()
            yield made
        finally:
            made.stop()


def join(plane: ControlPlane, folder: Path, node_id: str, token: str, *options: str) -> "subprocess.Popen[str]":
    """What the shown line does: the token comes on standard input."""
    home = folder / f"home-{node_id}"
    home.mkdir(exist_ok=True)
    unwanted = ("WORKER_", "ENTERPRISE_")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(unwanted)}
    process = subprocess.Popen(
        [sys.executable, "-m", "node_daemon", "join", plane.url(), "--node-id", node_id, *options],
        cwd=ROOT,
        env={**environment, "HOME": str(home), "PORT": str(free_port()), "WORKER_STOP_AGENTS_ON_EXIT": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdin is not None  # closed here, so that `communicate` does not try to
    process.stdin.write(token + "\n")
    process.stdin.close()
    process.stdin = None
    return process


def test_a_machine_joins_beats_is_revoked_within_a_second_and_removed(
    guarded_plane: ControlPlane, tmp_path: Path
) -> None:
    plane = guarded_plane
    token = plane.join_token("--node-id", "mac-mini")
    daemon = join(plane, tmp_path, "mac-mini", token)
    try:
        until(lambda: plane.status_of("mac-mini")[0] == "online", 20)
        assert token not in Path(f"/proc/{daemon.pid}/cmdline").read_text()
        assert token not in Path(f"/proc/{daemon.pid}/environ").read_text()
        env_file = tmp_path / "home-mac-mini" / ".agenticmail" / "worker.env"
        assert f"ENTERPRISE_URL={plane.url()}\n" in env_file.read_text()
        assert env_file.stat().st_mode & 0o777 == 0o600

        assert plane.send("DELETE", "/nodes/mac-mini/credentials", base="/api") == (200, {"revoked": 1})
        until(lambda: plane.get("/refusals?q=mac-mini+credential_revoked", base="/api")[1]["refusals"], 5)
        assert plane.send("DELETE", "/nodes/mac-mini")[0] == 200
    finally:
        daemon.kill()
        daemon.communicate(timeout=10)
    again = join(plane, tmp_path, "mac-mini", token)
    said, _ = again.communicate(timeout=20)
    assert (again.returncode, "(spent)" in said) == (78, True), said


def test_a_removed_node_ends_by_itself(guarded_plane: ControlPlane, tmp_path: Path) -> None:
    plane = guarded_plane
    daemon = join(plane, tmp_path, "leaver", plane.join_token())
    until(lambda: plane.status_of("leaver")[0] == "online", 20)

    assert plane.send("DELETE", "/nodes/leaver")[0] == 200

    said, _ = daemon.communicate(timeout=20)
    assert daemon.returncode == 78
    assert "this node was removed" in said
    assert "mnc_" not in said


def test_a_daemon_renews_by_itself_while_it_runs(guarded_plane: ControlPlane, tmp_path: Path) -> None:
    plane = guarded_plane
    file = tmp_path / "token"
    file.write_text(plane.join_token() + "\n")
    plane.start_daemon("renewer", WORKER_JOIN_TOKEN_FILE=str(file))
    until(lambda: plane.status_of("renewer")[0] == "online", 20)
    assert not file.exists()

    with psycopg2.connect(plane.dsn) as connection, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE node_credentials SET created_at = now() - interval '17 h', expires_at = now() + interval '7 h'"
        )
    connection.close()

    def renewed() -> bool:
        found = plane.get("/nodes/renewer/credentials", base="/api")[1]["credentials"]
        return [one["revokedBecause"] for one in found] == [None, "replaced"]

    until(renewed, 15)
    assert plane.status_of("renewer")[0] == "online"


def test_a_machine_waits_shows_its_code_and_starts_when_it_is_admitted(
    guarded_plane: ControlPlane, tmp_path: Path
) -> None:
    plane = guarded_plane
    assert plane.send("PUT", "/waiting-room", {"openForMinutes": 5}, base="/api")[0] == 200
    daemon = join(plane, tmp_path, "waiter", "")
    try:
        [knock] = until(lambda: plane.get("/waiting-room", base="/api")[1]["knocks"], 20)
        assert plane.send("POST", f"/waiting-room/{knock['id']}/admit", base="/api")[0] == 200
        until(lambda: plane.status_of("waiter")[0] == "online", 30)
    finally:
        daemon.terminate()
        said, _ = daemon.communicate(timeout=10)
    assert f"code={knock['code']}" in said
    assert plane.send("PUT", "/waiting-room", {"openForMinutes": 0}, base="/api")[0] == 200


def test_a_refusal_is_one_line_with_its_code_and_the_right_exit_code(
    guarded_plane: ControlPlane, tmp_path: Path
) -> None:
    plane = guarded_plane
    refused = join(plane, tmp_path, "stranger", "mjt_made-up", "--no-run")

    said, _ = refused.communicate(timeout=20)
    [listed] = plane.get("/refusals?q=stranger", base="/api")[1]["refusals"]

    assert refused.returncode == 78
    assert said.count("\n") == 1
    assert (listed["cause"], listed["code"] in said) == ("unknown_token", True)
    assert "unknown_token" in said
