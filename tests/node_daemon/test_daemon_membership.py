"""A daemon joins the real control plane and stays a node, whatever gets lost on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.domain.identity.actor import SYSTEM
from app.extensions import db
from app.services import nodes
from app.services.admission import credentials, waiting_room
from node_daemon import settings
from node_daemon.commands import Commands
from node_daemon.control_plane import Answer, ControlPlane, Unreachable
from node_daemon.errors import JoinError, StartError
from node_daemon.membership import Membership
from node_daemon.reporter import Reporter
from node_daemon.state import Boot, StateFolder
from tests.joining import join_token

SETTINGS = settings.check({"ENTERPRISE_URL": "http://127.0.0.1", "WORKER_NODE_ID": "n1"}, "/home/x")


class Line(ControlPlane):
    """The way to the control plane, which loses what it is told to lose."""

    def __init__(self, app: Flask) -> None:
        super().__init__(SETTINGS.base_url, "n1")
        self.client: FlaskClient = app.test_client()
        self.sent = 0
        self.loses_request = self.loses_answer = -1
        self.beats: list[int] = []

    def _post(self, path: str, message: dict[str, Any], headers: dict[str, str]) -> Answer:
        number, self.sent = self.sent, self.sent + 1
        if number == self.loses_request:
            raise Unreachable("the request was lost")
        answer = self.client.post("/api/engine/cluster" + path, json=message, headers=headers)
        if number == self.loses_answer:
            raise Unreachable("the answer was lost")
        if "/heartbeat/" in path:
            self.beats.append(answer.status_code)
        return Answer(answer.status_code, answer.json)


class Voice:
    def __init__(self, boot: Boot) -> None:
        self._boot = boot

    def registration(self) -> dict[str, Any]:
        boots = {"bootId": self._boot.id, "previousBootIds": self._boot.previous}
        self._boot.registering()
        return {"nodeId": "n1", "host": "127.0.0.1", "port": 3101, "managed": True, "machineId": "m", **boots}

    def heartbeat(self) -> dict[str, Any]:
        numbered = {"bootId": self._boot.id, "beatNumber": self._boot.next_number()}
        return {"scope": "node", "machineId": "m", "agents": [], "commandResults": [], **numbered}

    def registered(self) -> None:
        self._boot.registered()


class NoCommands(Commands):
    def __init__(self) -> None:
        pass

    def take(self, commands: object) -> None:
        pass

    def acknowledge(self, reported: object) -> None:
        pass


class Life:
    """A daemon that can be ended at any moment and started again on the same state folder."""

    def __init__(self, app: Flask, folder: Path, token: str = "") -> None:
        self.line, self.state, self.token = Line(app), StateFolder(folder), token
        self.state.make()
        self.removed: list[str] = []
        self.start()

    def start(self, **changed: Any) -> None:
        self.member = Membership(replace(SETTINGS, **changed), self.state, self.line, lambda: 0.0, self.token)
        voice = Voice(Boot(self.state))
        self.reporter = Reporter(self.line, voice, NoCommands(), self.member, lambda: 0.0, self.removed.append)

    def speak(self, times: int) -> None:
        for _ in range(times):
            if self.member.is_joined or not self.token:
                self.reporter.step()
            else:
                self.member._ask()  # one try of join(), which would wait between two


@pytest.fixture(autouse=True)
def _sign_in_is_on(guarded: Flask) -> None:
    """All of this is about nodes that have to prove who they are."""


def make_old(hours: int = 20) -> None:
    with db.engine.begin() as connection:
        connection.execute(
            text("UPDATE node_credentials SET created_at = created_at - :past, expires_at = expires_at - :past"),
            {"past": timedelta(hours=hours)},
        )


@pytest.mark.parametrize("ended", [False, True], ids=["goes on", "is started again"])
@pytest.mark.parametrize("lost", ["request", "answer"])
@pytest.mark.parametrize("step", range(8))
def test_whatever_is_lost_the_node_is_never_locked_out(
    app: Flask, tmp_path: Path, step: int, lost: str, ended: bool
) -> None:
    life = Life(app, tmp_path, join_token())
    if lost == "request":
        life.line.loses_request = step
    else:
        life.line.loses_answer = step
    for turn in range(10):  # it joins, registers and beats; then it renews and beats
        before = life.line.sent
        life.speak(1)
        if ended and before <= step < life.line.sent:
            life.start()
        if turn == 3:
            make_old()
    renewed = db.session.execute(text("SELECT count(*) FROM node_credentials WHERE revoked_at IS NULL")).scalar()

    assert life.line.beats[-3:] == [200, 200, 200]
    assert set(life.line.beats) == {200}
    assert renewed == 1
    assert life.removed == []


def test_the_secret_is_readable_by_its_owner_only_and_only_its_hash_is_stored(app: Flask, tmp_path: Path) -> None:
    life = Life(app, tmp_path, join_token())
    life.speak(3)

    file = life.state.path / "credential.json"
    assert file.stat().st_mode & 0o777 == 0o600
    secret = life.state.read("credential.json")["current"]
    assert secret.startswith("mnc_")
    assert secret not in str(db.session.execute(text("SELECT * FROM node_credentials")).all())


def test_a_credential_that_could_not_be_put_in_place_is_found_at_the_next_start(app: Flask, tmp_path: Path) -> None:
    life = Life(app, tmp_path, join_token())
    life.speak(3)
    old = life.state.read("credential.json")
    make_old()
    life.speak(1)
    life.speak(2)
    new = life.state.read("credential.json")["current"]
    life.state.write("credential.json", {**old, "next": new})

    life.start()
    life.speak(3)

    assert life.line.beats[-1] == 200


def test_a_machine_that_was_off_for_weeks_comes_back(app: Flask, tmp_path: Path) -> None:
    life = Life(app, tmp_path, join_token())
    life.speak(3)
    make_old(24 * 40)

    life.start()
    life.speak(3)

    assert life.line.beats[-1] == 200


def test_nothing_is_asked_for_with_a_secret_that_could_not_be_saved(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = Life(app, tmp_path, join_token())
    monkeypatch.setattr(life.state, "write", lambda *_: False)

    with pytest.raises(StartError, match="cannot be written to"):
        life.member.join()
    assert life.line.sent == 0


@pytest.mark.parametrize(("token", "cause"), [("mjt_made-up", "unknown_token"), ("", "unknown_token")])
def test_a_refusal_for_good_ends_the_start_with_its_cause_and_code(
    app: Flask, tmp_path: Path, token: str, cause: str
) -> None:
    life = Life(app, tmp_path, token)

    with pytest.raises(JoinError, match=rf"\({cause}\).*\(refusal [A-Z0-9]{{4}}-[A-Z0-9]{{2}}\)") as refused:
        life.member.join()
    assert refused.value.exit_code == 78


def test_a_machine_in_the_waiting_room_starts_by_itself_when_it_is_admitted(app: Flask, tmp_path: Path) -> None:
    waiting_room.open_for(SYSTEM, 5)
    life = Life(app, tmp_path)
    assert [life.member._ask() for _ in range(3)] == [2.0, 4.0, 8.0]

    [knock] = waiting_room.look().knocks
    waiting_room.admit(SYSTEM, knock.id)

    assert life.member._ask() is None
    life.speak(2)
    assert life.line.beats == [200]


def test_a_removed_node_ends_with_a_clear_line(app: Flask, tmp_path: Path) -> None:
    life = Life(app, tmp_path, join_token())
    life.speak(3)
    nodes.remove_node(SYSTEM, "n1")
    life.token = ""
    life.start()
    life.speak(1)

    assert life.removed == ["n1 was removed by an operator: stop this daemon, or join with a new join token"]


def test_with_a_new_token_a_refused_node_joins_again(app: Flask, tmp_path: Path) -> None:
    life = Life(app, tmp_path, join_token())
    life.speak(3)
    credentials.revoke(SYSTEM, "n1")
    life.token = join_token()

    life.start()
    life.speak(4)

    assert life.line.beats[-1] == 200


def test_joining_again_with_the_same_line_is_harmless(app: Flask, tmp_path: Path) -> None:
    life = Life(app, tmp_path, join_token())
    life.speak(3)

    life.member.join()
    life.speak(1)

    assert life.line.beats == [200, 200]


def test_a_credential_in_the_url_is_left_alone(app: Flask, tmp_path: Path) -> None:
    life = Life(app, tmp_path, join_token())
    life.speak(3)

    life.start(base_url="http://127.0.0.1/w/mnc_x/api/engine/cluster")

    assert life.line.credential == ""
    assert life.member.is_joined
    assert not life.member.renew()
