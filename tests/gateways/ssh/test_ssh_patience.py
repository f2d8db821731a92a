"""Whoever waits for a connection gives it up when it likes, and a connection that comes too late is closed."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.domain.deploying.ssh import Login, SshFailure, SshFault
from app.gateways.ssh import limits, shell
from app.gateways.ssh.patience import entered
from tests.fleet import until
from tests.gateways.ssh.machines import Character, silent


class EnoughError(Exception):
    """Somebody does not want to wait any longer."""


class Slow:
    """Takes until it is told to, and knows whether it is open."""

    def __init__(self) -> None:
        self.go, self.open = threading.Event(), False

    @contextmanager
    def made(self) -> Iterator[str]:
        self.go.wait(10)
        self.open = True
        try:
            yield "made"
        finally:
            self.open = False


def test_a_silent_machine_is_given_up_at_once() -> None:
    def heed() -> None:
        raise EnoughError

    began = time.monotonic()
    with Character(silent) as target, pytest.raises(EnoughError), shell(target, Login(password="x"), heed):
        pass
    assert time.monotonic() - began < limits.GREETING_SECONDS / 2


def test_what_was_given_up_is_closed_when_it_comes_after_all() -> None:
    slow, opened = Slow(), []

    def heed() -> None:
        raise EnoughError

    with pytest.raises(EnoughError), entered(slow.made(), heed):
        opened.append(slow)
    slow.go.set()
    until(lambda: not any(thread.name == "connect" for thread in threading.enumerate()))
    assert (slow.open, opened) == (False, [])


def test_what_was_made_is_open_within_and_closed_afterwards() -> None:
    slow, heeded = Slow(), threading.Event()

    def heed() -> None:
        heeded.set()
        slow.go.set()

    with entered(slow.made(), heed) as found:
        assert (found, slow.open, heeded.is_set()) == ("made", True, True)
    assert not slow.open


def test_what_goes_wrong_within_is_told_to_what_was_entered() -> None:
    @contextmanager
    def explained() -> Iterator[str]:
        try:
            yield ""
        except EnoughError as failure:
            raise SshFailure(SshFault.CONNECTION_LOST, "why") from failure

    with pytest.raises(SshFailure, match="why"), entered(explained(), lambda: None):
        raise EnoughError


def test_what_keeps_it_from_being_made_is_raised_to_whoever_waits() -> None:
    @contextmanager
    def refused() -> Iterator[str]:
        raise SshFailure(SshFault.REFUSED, "no")
        yield ""

    with pytest.raises(SshFailure, match="no"), entered(refused(), lambda: None):
        pass
