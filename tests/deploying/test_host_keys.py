"""A host key is looked at first, confirmed by a person, and believed from then on."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import db
from app.models import AuditEntry
from tests.gateways.ssh.machines import SSHD, Sshd, free_port

LOOK = "/api/engine/cluster/ssh/host-key"
DEPLOY = "/api/engine/cluster/deploy-via-ssh"

pytestmark = pytest.mark.usefixtures("sent")


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    if SSHD is None:
        pytest.skip("OpenSSH's server is not installed (Debian: openssh-server)")
    with Sshd(tmp_path) as server:
        yield server


def look(client: FlaskClient, server: Sshd) -> dict[str, object]:
    found: dict[str, object] = client.post(LOOK, json={"host": "127.0.0.1", "port": server.port}).json
    return found


def test_a_key_is_unknown_until_somebody_confirmed_it(
    app: Flask, client: FlaskClient, sshd: Sshd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], secret_key="k" * 32))
    assert look(client, sshd) == {"fingerprint": sshd.fingerprint, "known": False, "changed": False}

    said = {"host": "127.0.0.1", "port": sshd.port, "fingerprint": sshd.fingerprint, "privateKey": sshd.private_key}
    assert client.post(DEPLOY, json=said).status_code == 202

    assert look(client, sshd) == {"fingerprint": sshd.fingerprint, "known": True, "changed": False}


def test_a_key_that_differs_from_the_confirmed_one_is_said_to_have_changed(
    app: Flask, client: FlaskClient, sshd: Sshd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], secret_key="k" * 32))
    said = {"host": "127.0.0.1", "port": sshd.port, "fingerprint": "SHA256:" + "A" * 43, "password": "x"}
    client.post(DEPLOY, json=said)

    assert look(client, sshd)["changed"] is True


def test_a_look_that_fails_says_why_and_what_to_try(client: FlaskClient) -> None:
    answer = client.post(LOOK, json={"host": "127.0.0.1", "port": free_port()})

    assert (answer.status_code, answer.json["code"]) == (502, "refused")
    assert "SSH server" in answer.json["advice"]


def test_each_look_is_in_the_audit_log(client: FlaskClient, sshd: Sshd) -> None:
    look(client, sshd)

    [entry] = db.session.query(AuditEntry)
    assert (entry.action, entry.target) == ("host-key.look", f"127.0.0.1:{sshd.port}")


def test_without_a_secret_key_a_deploy_says_what_to_set(client: FlaskClient) -> None:
    said = {"host": "h", "fingerprint": "SHA256:" + "A" * 43, "password": "x"}

    answer = client.post(DEPLOY, json=said)

    assert "SECRET_KEY" in answer.json["error"]
    assert client.get("/api/engine/cluster/jobs").json["jobs"] == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"user": "root; rm -rf /"}, "user"),
        ({"fingerprint": "anything"}, "fingerprint"),
        ({"password": ""}, "privateKey"),
        ({"privateKey": "ssh-ed25519 AAAA me"}, "privateKey"),
        ({"agents": ["../x"]}, "agents"),
        ({"capabilities": ["a b"]}, "capabilities"),
        ({"nodeId": "-"}, "nodeId"),
    ],
)
def test_what_is_wrong_with_an_order_is_said_field_by_field(
    client: FlaskClient, wrong: dict[str, object], field: str
) -> None:
    said = {"host": "h", "fingerprint": "SHA256:" + "A" * 43, "password": "x", **wrong}

    answer = client.post(DEPLOY, json=said)

    assert answer.status_code == 400
    assert field in answer.json["fields"]
