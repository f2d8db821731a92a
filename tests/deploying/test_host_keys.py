"""A host key is looked at first, confirmed by a person, and believed from then on."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.deploying.ssh import SshFailure, SshFault
from app.extensions import db
from app.models import AuditEntry
from app.services.deploying import host_keys, work
from tests.fleet import run_job
from tests.gateways.ssh.machines import ME, SSHD, Sshd, free_port, make_key

LOOK = "/api/engine/cluster/ssh/host-key"
DEPLOY = "/api/engine/cluster/deploy-via-ssh"

pytestmark = pytest.mark.usefixtures("sent")


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    if SSHD is None:
        pytest.skip("OpenSSH's server is not installed (Debian: openssh-server)")
    with Sshd(tmp_path) as server:
        yield server


@pytest.fixture
def with_secret_key(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Logins can be sealed."""
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], secret_key="k" * 32))


def look(client: FlaskClient, server: Sshd) -> dict[str, object]:
    found: dict[str, object] = client.post(LOOK, json={"host": "127.0.0.1", "port": server.port}).json
    return found


@pytest.fixture
def deploy(
    client: FlaskClient, sshd: Sshd, with_secret_key: None, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """A deploy with a key, carried out until the machine has judged it."""
    order = {"host": "127.0.0.1", "port": sshd.port, "user": ME, "fingerprint": sshd.fingerprint}

    def enough(*_: object) -> None:
        raise SshFailure(SshFault.PREFLIGHT, "Enough seen")

    def carried_out(private_key: str) -> None:
        run_job(UUID(client.post(DEPLOY, json={**order, "privateKey": private_key}).json["jobId"]))

    monkeypatch.setattr(work, "_look", enough)
    return carried_out


def test_a_key_is_believed_once_the_machine_behind_it_took_the_login(
    client: FlaskClient, sshd: Sshd, deploy: Callable[[str], None], tmp_path: Path
) -> None:
    unknown = {"fingerprint": sshd.fingerprint, "known": False, "changed": False}
    assert look(client, sshd) == unknown

    deploy(make_key(tmp_path / "stranger"))
    assert look(client, sshd) == unknown

    deploy(sshd.private_key)
    assert look(client, sshd) == {**unknown, "known": True}
    pinned = db.session.query(AuditEntry).filter_by(action="host-key.pin").all()
    assert [entry.detail for entry in pinned] == [{"fingerprint": sshd.fingerprint}]


def test_a_key_that_differs_from_the_confirmed_one_is_said_to_have_changed(client: FlaskClient, sshd: Sshd) -> None:
    host_keys.pin(sshd.target("SHA256:" + "A" * 43))

    assert look(client, sshd)["changed"] is True


def test_deploys_to_one_machine_are_counted(client: FlaskClient, with_secret_key: None) -> None:
    said = {"host": "10.0.0.9", "fingerprint": "SHA256:" + "A" * 43, "password": "x"}

    asked = [client.post(DEPLOY, json=said).status_code for _ in range(12)]

    assert asked == [202] + [409] * 9 + [429] * 2


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
