"""A real sshd and short limits, for each test that asks for them."""

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
def context(app: Flask) -> None:
    """The settings say which addresses may be called."""


@pytest.fixture
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the real limits where they are reached; whoever does answer has time enough."""
    for name in ("GREETING_SECONDS", "KEX_SECONDS"):
        monkeypatch.setattr(limits, name, 3.0)
