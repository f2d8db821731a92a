"""After a day's life in miniature no secret lies anywhere but with its owner."""

import json
import secrets
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config import Settings
from tests.fleet import CLUSTER, until
from tests.journeys.conftest import a_database, make_plane
from tests.journeys.control_plane import QUICK, ROOT, ControlPlane
from tests.journeys.test_joining import join
from tests.security.canaries import Monitor, database, forms, hits, processes, redis_values
from tests.security.proof import Proof


@pytest.fixture
def guarded_plane(tmp_path: Path, settings: Settings) -> Iterator[ControlPlane]:
    """A whole control plane with sign-in on."""
    with a_database(settings, "canaries") as database_url:
        key = tmp_path / "secret-key"
        key.write_text(secrets.token_hex(32))
        plane = make_plane(
            tmp_path, settings, database_url, {**QUICK, "CLUSTER_AUTH": "on", "SECRET_KEY_FILE": str(key)}
        )
        try:
            plane.start()
            plane.sign_in()
            yield plane
        finally:
            plane.stop()


def flask(plane: ControlPlane, *command: str) -> str:
    made = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT,
        env=plane.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout


class Person:
    """A browser with cookies."""

    def __init__(self, plane: ControlPlane) -> None:
        self.url, self.cookie, self.csrf = plane.url(), "", ""
        self.said: dict[str, Any] = {}

    def send(self, method: str, path: str, body: dict[str, Any]) -> int:
        headers = {"Content-Type": "application/json", "Cookie": self.cookie, "X-CSRF-Token": self.csrf}
        asked = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers, method=method)  # noqa: S310 - our own
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310 - our own
                if said := answer.headers.get("Set-Cookie"):
                    self.cookie = said.partition(";")[0]
                self.said = json.load(answer)
                self.csrf = self.said.get("csrfToken", self.csrf)
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code


def sign_in(plane: ControlPlane, known: dict[str, str]) -> None:
    """By the link, then with a password of one's own, then wrongly."""
    link = flask(plane, "create-admin", "--name", "ada").split("/sign-in#")[1].split()[0]
    known |= {"link": link, "password": "pass" + secrets.token_hex(16), "wrong password": secrets.token_hex(16)}
    person = Person(plane)
    assert person.send("POST", "/api/session/link", {"token": link}) == 200
    assert person.send("PUT", "/api/account/password", {"current": "", "new": known["password"]}) == 200
    known["session"] = person.cookie.partition("=")[2]
    again = Person(plane)
    assert again.send("POST", "/api/session", {"name": "ada", "password": known["password"]}) == 200
    known["second session"], known["CSRF token"] = again.cookie.partition("=")[2], again.csrf
    assert again.send("POST", "/api/session", {"name": "ada", "password": known["wrong password"]}) == 401
    assert again.send("POST", "/api/tokens", {"name": "script", "role": "viewer", "expiresInDays": 1}) == 201
    known["API token"] = again.said["secret"]


def beat_by_url(plane: ControlPlane, presented: str) -> int:
    """As an agent that can only be told a URL."""
    return Person(plane).send("POST", f"/w/{presented}{CLUSTER}/heartbeat/mac-mini", {})


def live(plane: ControlPlane, folder: Path, known: dict[str, str]) -> None:
    """Join, beat, use a URL, fail, be revoked."""
    known["join token"] = plane.join_token("--node-id", "mac-mini")
    daemon = join(plane, folder, "mac-mini", known["join token"])
    try:
        until(lambda: plane.status_of("mac-mini")[0] == "online", 30)
        stored = next((folder / "home-mac-mini").rglob("credential*")).read_text()
        known["node credential"] = "mnc_" + stored.partition("mnc_")[2].partition('"')[0].split()[0]
        status, made = plane.send("POST", "/nodes/mac-mini/credentials", {"kind": "url"}, base="/api")
        assert status == 201
        known["URL credential"] = made["secret"]
        assert beat_by_url(plane, made["secret"]) == 200
        known["made-up token"] = "mnc_" + secrets.token_hex(20)
        assert beat_by_url(plane, known["made-up token"]) == 401
        plane.post("/join", {"nodeId": "other", "joinToken": known["join token"], "secretHash": "0" * 64})
        plane.post("/nodes/mac-mini/ping")
        assert plane.send("DELETE", "/nodes/mac-mini/credentials", base="/api")[0] == 200
    finally:
        daemon.kill()
        known_said, _ = daemon.communicate(timeout=10)
        (folder / "daemon.log").write_text(known_said)


def test_a_secret_is_found_in_every_form() -> None:
    secret = 'a secret "with" / + & signs'
    for content in map(bytes, forms(secret)):
        assert hits({"it": secret}, "a place", b"xx" + content + b"yy") == ["it in a place"]


def test_no_secret_is_left_behind(guarded_plane: ControlPlane, tmp_path: Path, proof: Proof) -> None:
    plane, known = guarded_plane, {}
    monitor = Monitor(plane.environment["REDIS_URL"])
    known["own API token"] = plane.headers["Authorization"].partition(" ")[2]
    known["secret key"] = (tmp_path / "secret-key").read_text()
    sign_in(plane, known)
    live(plane, tmp_path, known)

    places = [
        *database(plane.dsn),
        *redis_values(plane.environment["REDIS_URL"]),
        *((f"log {log.name}", log.read_bytes()) for log in tmp_path.glob("*.log")),
        *processes(process.pid for process in plane.processes.values()),
        ("all that Redis was told", monitor.close()),
    ]
    found = [hit for place, content in places for hit in hits(known, place, content)]
    assert {name for name, secret in known.items() if len(secret) < 20} == set()
    assert (tmp_path / "web.log").read_text()
    # What is no secret is found in each kind of place, so the search does look there.
    public = {
        " ".join(hit.split()[2:4]) for place, content in places for hit in hits({"it": "mac-mini"}, place, content)
    }
    assert {"table cluster_nodes", "table audit_log", "log daemon.log", "all that"} <= public, public
    assert not found
    proof.row(
        "Secrets left after a day's life in miniature: database, Redis, its MONITOR, logs, arguments, environments",
        "0",
        f"{len(known)} secrets, {len(places)} places: {len(found)}",
    )
