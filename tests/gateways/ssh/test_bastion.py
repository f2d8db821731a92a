"""A machine behind a jump host: each fault says whose it is, and neither host sees what is meant for the other."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from flask import Flask

from app.domain.deploying.ssh import Login, SshFailure, SshTarget
from app.gateways.ssh import probe_host_key, shell
from tests.gateways.ssh.machines import SSHD, Character, Sshd, free_port, make_key, silent

WRONG = "SHA256:" + "A" * 43


@pytest.fixture
def bastion(tmp_path: Path) -> Iterator[Sshd]:
    """A second sshd, whose login is another key."""
    if SSHD is None:
        pytest.skip("OpenSSH's server is not installed (Debian: openssh-server)")
    folder = tmp_path / "bastion"
    folder.mkdir()
    with Sshd(folder) as server:
        yield server


@pytest.fixture
def both(sshd: Sshd, bastion: Sshd) -> Login:
    """A login for the machine, and another one for the bastion."""
    return Login(sshd.private_key, bastion=Login(bastion.private_key))


def behind(bastion: Sshd, target: SshTarget, *pins: str) -> SshTarget:
    """The same machine by way of a bastion."""
    return replace(target, bastion=bastion.target(*pins))


def failure_of(target: SshTarget, login: Login) -> SshFailure:
    with pytest.raises(SshFailure) as failure, shell(target, login):
        pass
    return failure.value


def test_a_machine_is_worked_on_through_the_bastion(sshd: Sshd, bastion: Sshd, both: Login) -> None:
    sent = bytes(range(256)) * 4000

    with shell(behind(bastion, sshd.target()), both) as machine:
        assert machine.run("wc -c", sent).output.strip() == str(len(sent))
        assert machine.run("echo $SSH_CONNECTION").output.split()[3] == str(sshd.port)


def test_each_host_sees_its_own_login_only(sshd: Sshd, bastion: Sshd, both: Login) -> None:
    with shell(behind(bastion, sshd.target()), both):
        pass

    for server, other in ((sshd, bastion), (bastion, sshd)):
        assert server.log.count("Accepted publickey") == 1
        assert key_of(server) in server.log
        assert key_of(other) not in server.log


def key_of(server: Sshd) -> str:
    """The fingerprint of the key that logs in there."""
    return Sshd.fingerprint_of(server.folder / "login.pub")


def test_without_a_login_of_its_own_the_bastion_gets_that_of_the_machine(sshd: Sshd, bastion: Sshd) -> None:
    (bastion.folder / "authorized").write_text((sshd.folder / "login.pub").read_text())

    with shell(behind(bastion, sshd.target()), Login(sshd.private_key)) as machine:
        assert machine.run("echo in").output == "in\n"


def test_the_host_key_of_a_machine_is_seen_through_the_bastion(sshd: Sshd, bastion: Sshd, both: Login) -> None:
    unknown = replace(behind(bastion, sshd.target()), pins=())

    assert probe_host_key(unknown, both) == sshd.fingerprint
    assert "Accepted" not in sshd.log


def test_a_wrong_host_key_of_the_bastion_stops_before_any_login(sshd: Sshd, bastion: Sshd, both: Login) -> None:
    failure = failure_of(behind(bastion, sshd.target(), WRONG), both)

    assert (failure.code, failure.at_bastion) == ("bastion_host_key_changed", True)
    assert failure.fingerprint == bastion.fingerprint
    assert str(failure).startswith("Jump host: ")
    assert "Accepted" not in bastion.log + sshd.log


def test_a_wrong_host_key_of_the_machine_is_that_of_the_machine(sshd: Sshd, bastion: Sshd, both: Login) -> None:
    failure = failure_of(behind(bastion, sshd.target(WRONG)), both)

    assert (failure.code, failure.fingerprint) == ("host_key_changed", sshd.fingerprint)
    assert "Accepted" not in sshd.log


def test_whose_login_was_refused_is_said(sshd: Sshd, bastion: Sshd, both: Login, tmp_path: Path) -> None:
    stranger = Login(make_key(tmp_path / "stranger"))

    at_bastion = failure_of(behind(bastion, sshd.target()), replace(both, bastion=stranger))
    at_machine = failure_of(behind(bastion, sshd.target()), replace(stranger, bastion=both.bastion))

    assert (at_bastion.code, at_machine.code) == ("bastion_auth_failed", "auth_failed")


def test_whose_port_is_closed_is_said(sshd: Sshd, bastion: Sshd, both: Login) -> None:
    nobody = replace(sshd.target(), port=free_port())
    closed = replace(sshd.target(), bastion=replace(bastion.target(), port=free_port()))

    assert failure_of(behind(bastion, nobody), both).code == "not_reached"
    assert failure_of(closed, both).code == "bastion_refused"


def test_a_name_that_the_bastion_does_not_know_is_a_fault_of_the_machine(bastion: Sshd, both: Login) -> None:
    target = SshTarget("nowhere.invalid", "root", 22, (WRONG,), bastion.target())

    assert failure_of(target, both).code == "not_reached"


def test_a_machine_that_says_nothing_has_its_own_fault(bastion: Sshd, both: Login, short_limits: None) -> None:
    with Character(silent) as target:
        assert failure_of(behind(bastion, target), both).code == "banner_timeout"


def test_a_bastion_that_forwards_nothing_is_named(sshd: Sshd, tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    with Sshd(folder, "AllowTcpForwarding no") as closed:
        failure = failure_of(behind(closed, sshd.target()), Login(sshd.private_key, bastion=Login(closed.private_key)))

    assert failure.code == "bastion_no_forwarding"
    assert "AllowTcpForwarding" in failure.advice


@pytest.mark.parametrize(("lost", "code"), [("bastion", "bastion_connection_lost"), ("sshd", "connection_lost")])
def test_a_bastion_that_is_lost_is_told_apart_from_the_machine(
    sshd: Sshd, bastion: Sshd, both: Login, lost: str, code: str
) -> None:
    with pytest.raises(SshFailure) as failure:
        run_and_lose(behind(bastion, sshd.target()), both, {"bastion": bastion, "sshd": sshd}[lost])

    assert failure.value.code == code


def run_and_lose(target: SshTarget, login: Login, server: Sshd) -> None:
    with shell(target, login) as machine:
        cut(server)
        machine.run("sleep 30")


def cut(server: Sshd) -> None:
    """End every session of a server."""
    assert server.process is not None
    for session in psutil.Process(server.process.pid).children():
        session.kill()


def test_the_bastion_itself_must_be_allowed(sshd: Sshd, bastion: Sshd, both: Login, with_loopback_closed: None) -> None:
    failure = failure_of(behind(bastion, sshd.target()), both)

    # The address of the machine is judged before the bastion is asked for anything.
    assert failure.code == "target_denied"
    named = replace(behind(bastion, sshd.target()), host="db.internal")
    assert failure_of(named, both).code == "bastion_target_denied"
    assert "Connection from" not in bastion.log + sshd.log


@pytest.mark.parametrize("host", ["169.254.169.254", "0xa9fea9fe", "2852039166", "::ffff:169.254.169.254", "224.0.0.1"])
def test_what_is_never_called_is_not_called_by_a_bastion_for_us(bastion: Sshd, both: Login, host: str) -> None:
    target = SshTarget(host, "root", 22, (WRONG,), bastion.target())

    assert failure_of(target, both).code == "target_denied"
    assert "Accepted" not in bastion.log


@pytest.fixture
def with_loopback_closed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is by default."""
    closed = replace(app.extensions["settings"], node_calls_loopback=False)
    monkeypatch.setitem(app.extensions, "settings", closed)
