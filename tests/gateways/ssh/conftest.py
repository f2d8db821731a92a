"""A real sshd for each test that asks for one, and short limits."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.gateways.ssh import limits
from tests.gateways.ssh.machines import SSHD, Sshd


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    """OpenSSH's server on loopback."""
    if SSHD is None:
        pytest.skip("OpenSSH's server is not installed (Debian: openssh-server)")
    with Sshd(tmp_path) as server:
        yield server


@pytest.fixture(autouse=True)
def short_limits(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the real limits."""
    for name in ("CONNECT_SECONDS", "GREETING_SECONDS", "KEX_SECONDS"):
        monkeypatch.setattr(limits, name, 1.0)
    monkeypatch.setattr(limits, "LOGIN_SECONDS", 5.0)
