"""Machines without a valid join token: outside, unless somebody opens the door."""

import pytest
from flask import Flask
from sqlalchemy import text

from app.domain.identity.actor import SYSTEM
from app.extensions import db
from app.services.admission import credentials, waiting_room
from tests.joining import Machine, join_token
from tests.people import token

ROOM = "/api/waiting-room"


@pytest.fixture
def room(guarded: Flask) -> None:
    waiting_room.open_for(SYSTEM, 30)


def test_it_is_closed_by_default(guarded: Flask) -> None:
    assert Machine(guarded).join().json["waitingRoom"] is False
    assert waiting_room.look().knocks == []


def test_an_admin_opens_it_and_an_operator_does_not(guarded: Flask) -> None:
    client = guarded.test_client()
    assert client.put(ROOM, json={"openForMinutes": 30}, headers=token("operator")).status_code == 403
    opened = client.put(ROOM, json={"openForMinutes": 30}, headers=token("admin")).json
    assert (opened["open"], opened["knocks"]) == (True, [])
    assert client.put(ROOM, json={"openForMinutes": 0}, headers=token("admin")).json["open"] is False


def test_a_machine_knocks_is_admitted_and_is_in(guarded: Flask, room: None) -> None:
    machine, client, headers = Machine(guarded), guarded.test_client(), token("operator")
    refused = machine.join(name="Mac", platform="darwin", capabilities=["voice"]).json
    assert refused["waitingRoom"] is True

    [knock] = client.get(ROOM, headers=headers).json["knocks"]
    assert (knock["nodeId"], knock["name"], knock["address"], knock["code"]) == (
        "mac-mini",
        "Mac",
        "10.0.0.7",
        refused["refusal"],
    )
    [listed] = client.get("/api/refusals", headers=headers).json["refusals"]
    assert listed["knock"] is True
    assert client.post(f"{ROOM}/{knock['id']}/admit", headers=headers).json == {"admitted": True}

    assert machine.join().status_code == 200
    assert machine.register(capabilities=["voice", "gpu"]).json["capabilities"] == ["voice"]
    assert client.get(ROOM, headers=headers).json["knocks"] == []


def test_only_the_machine_that_knocked_is_admitted(guarded: Flask, room: None) -> None:
    Machine(guarded).join()
    [knock] = waiting_room.look().knocks
    waiting_room.admit(SYSTEM, knock.id)

    assert Machine(guarded).join().status_code == 403


def test_a_machine_that_was_sent_away_is_not_admitted(guarded: Flask, room: None) -> None:
    Machine(guarded).join()
    [knock] = waiting_room.look().knocks
    client, headers = guarded.test_client(), token("operator")

    assert client.delete(f"{ROOM}/{knock.id}", headers=headers).status_code == 200
    assert client.post(f"{ROOM}/{knock.id}/admit", headers=headers).status_code == 404


def test_nobody_is_admitted_under_the_id_of_a_node_that_joined(guarded: Flask, room: None) -> None:
    Machine(guarded).join()
    Machine(guarded).join(join_token())
    [knock] = waiting_room.look().knocks
    answer = guarded.test_client().post(f"{ROOM}/{knock.id}/admit", headers=token("operator"))

    assert (answer.status_code, answer.json["code"]) == (409, "node_exists")


def test_it_takes_a_limited_number(guarded: Flask, room: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_room, "MOST", 3)
    answers = [Machine(guarded, f"node-{number}").join().json["waitingRoom"] for number in range(5)]

    assert answers == [True, True, True, False, False]


def test_a_machine_that_knocks_no_more_has_gone(guarded: Flask, room: None) -> None:
    Machine(guarded).join()
    db.session.execute(text("UPDATE knocks SET last_at = now() - interval '11 min'"))
    db.session.commit()

    assert waiting_room.look().knocks == []


def test_closing_sends_everybody_away(guarded: Flask, room: None) -> None:
    Machine(guarded).join()
    waiting_room.open_for(SYSTEM, 0)
    waiting_room.open_for(SYSTEM, 30)

    assert waiting_room.look().knocks == []


def test_a_secret_that_was_revoked_does_not_wait(guarded: Flask, room: None) -> None:
    machine, client, headers = Machine(guarded), guarded.test_client(), token("operator")
    machine.join()
    [knock] = waiting_room.look().knocks
    assert machine.join(join_token()).status_code == 200
    assert client.post(f"{ROOM}/{knock.id}/admit", headers=headers).status_code in (404, 409)
    credentials.revoke(SYSTEM, machine.node_id)

    assert machine.join().json["waitingRoom"] is False
    assert client.post(f"{ROOM}/{knock.id}/admit", headers=headers).status_code == 404
    assert waiting_room.look().knocks == []
