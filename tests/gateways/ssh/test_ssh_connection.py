"""Each way in which a connection fails has a code of its own, and no secret leaves before the host key is right."""

import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app.domain.deploying.ssh import ADVICE, Login, SshFailure, SshFault, SshTarget
from app.gateways.ssh import probe_host_key, shell
from tests.gateways.ssh import machines
from tests.gateways.ssh.machines import Character, Sshd, free_port, make_key

PINNED = ("SHA256:" + "A" * 43,)


def fault_of(target: SshTarget, login: Login | None = None) -> SshFault:
    """How a login fails."""
    with pytest.raises(SshFailure) as failure, shell(target, login or Login(password="s3cret")):
        pass
    assert "s3cret" not in str(failure.value)
    assert failure.value.advice
    return failure.value.fault


@pytest.mark.parametrize(
    ("character", "fault"),
    [
        (machines.silent, SshFault.BANNER_TIMEOUT),
        (machines.hangs_up, SshFault.CLOSED_EARLY),
        (machines.speaks_http, SshFault.BANNER_TIMEOUT),
        (machines.greets_then_stalls, SshFault.KEX_TIMEOUT),
        (machines.drips, SshFault.NOT_SSH),
        (machines.floods, SshFault.NOT_SSH),
    ],
)
def test_each_kind_of_server_that_is_none_has_its_own_fault(
    short_limits: None, character: Callable[[socket.socket], None], fault: SshFault
) -> None:
    started = time.monotonic()
    with Character(character) as target:
        assert fault_of(target) is fault
    assert time.monotonic() - started < 8


def test_a_closed_port_is_refused() -> None:
    assert fault_of(SshTarget("127.0.0.1", "deploy", free_port(), PINNED)) is SshFault.REFUSED


def test_a_name_without_an_address_is_said_so() -> None:
    assert fault_of(SshTarget("nowhere.invalid", "deploy", 22, PINNED)) is SshFault.DNS


def test_an_address_that_may_not_be_called_is_not_called(
    sshd: Sshd, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = replace(app.extensions["settings"], node_calls_loopback=False)
    monkeypatch.setitem(app.extensions, "settings", closed)

    assert fault_of(sshd.target(), Login(sshd.private_key)) is SshFault.TARGET_DENIED
    assert "Connection from" not in sshd.log


def test_the_probe_tells_the_fingerprint_that_ssh_keygen_tells(sshd: Sshd) -> None:
    assert probe_host_key(sshd.target(), Login()) == sshd.fingerprint


def test_an_unknown_host_key_stops_before_any_login(sshd: Sshd) -> None:
    target = SshTarget("127.0.0.1", machines.ME, sshd.port)

    with pytest.raises(SshFailure) as failure, shell(target, Login(sshd.private_key)):
        pass

    assert (failure.value.fault, failure.value.fingerprint) == (SshFault.HOST_KEY_UNKNOWN, sshd.fingerprint)
    assert "Accepted" not in sshd.log


def test_a_changed_host_key_sees_no_login_at_all(sshd: Sshd) -> None:
    for _ in range(5):
        assert fault_of(sshd.target(*PINNED), Login(sshd.private_key)) is SshFault.HOST_KEY_CHANGED

    assert "Accepted" not in sshd.log
    assert "Failed" not in sshd.log
    assert "userauth" not in sshd.log.lower()


def test_a_key_that_is_not_allowed_fails_the_login(sshd: Sshd, tmp_path: Path) -> None:
    stranger = make_key(tmp_path / "stranger")

    assert fault_of(sshd.target(), Login(stranger)) is SshFault.AUTH_FAILED


@pytest.mark.parametrize(("kind", "options"), [("ed25519", ()), ("ecdsa", ()), ("rsa", ("-b", "2048"))])
@pytest.mark.parametrize("passphrase", ["", "open sesame"])
def test_every_kind_of_key_logs_in(
    sshd: Sshd, tmp_path: Path, kind: str, options: tuple[str, ...], passphrase: str
) -> None:
    private_key = make_key(tmp_path / "mine", kind, passphrase, *options)
    with (sshd.folder / "authorized").open("a") as allowed:
        allowed.write((tmp_path / "mine.pub").read_text())

    with shell(sshd.target(), Login(private_key, passphrase)) as machine:
        assert machine.run("echo in").output == "in\n"


def test_every_fault_has_advice() -> None:
    assert set(ADVICE) == set(SshFault)


def test_no_text_made_of_a_login_shows_it() -> None:
    assert "s3cret" not in repr(Login("s3cret", "s3cret", "s3cret"))
