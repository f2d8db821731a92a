"""The register and beat loop."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from daemon_doubles import FakeControlPlane, eventually

from node_daemon.commands import Commands
from node_daemon.control_plane import Answer, ControlPlane
from node_daemon.reporter import Reporter


class Speaker:
    """A voice that always says the same."""

    def registration(self) -> dict[str, Any]:
        return {"nodeId": "n1"}

    def heartbeat(self) -> dict[str, Any]:
        return {"agents": [], "commandResults": []}

    def registered(self) -> None:
        pass


class Member:
    """Has nothing to recover with."""

    def __init__(self) -> None:
        self.renewals = 0

    def renew(self) -> bool:
        self.renewals += 1
        return True

    def recover(self, answer: Answer) -> bool:
        del answer
        return False


class NoCommands(Commands):
    """Takes down what comes, carries out nothing."""

    def __init__(self) -> None:
        self.taken: list[object] = []

    def take(self, commands: object) -> None:
        self.taken.append(commands)

    def acknowledge(self, reported: object) -> None:
        pass


@pytest.fixture
def client(control_plane: FakeControlPlane) -> ControlPlane:
    """What the reporter speaks through."""
    return ControlPlane(control_plane.api, "n1", deadline=5)


@pytest.fixture
def reporter(client: ControlPlane) -> Iterator[Reporter]:
    """A reporter whose chance always gives its highest number."""
    one = Reporter(client, Speaker(), NoCommands(), Member(), lambda: 1.0, lambda _: None)
    yield one
    one.close()


def test_a_registered_node_beats_at_once_and_then_at_the_pace_it_is_told(
    reporter: Reporter, control_plane: FakeControlPlane
) -> None:
    control_plane.interval_ms = 10_000

    assert [reporter.step(), reporter.step()] == [0.0, 10.0]
    assert (len(control_plane.registrations), len(control_plane.heartbeats)) == (1, 1)


@pytest.mark.parametrize(
    ("character", "waits"),
    [
        ("refuses", [1.0, 2.0, 4.0, 8.0, 16.0, 30.0]),
        ("drops", [1.0, 2.0, 4.0]),
        ("silent", [1.0]),
        ("invalid", [30.0, 30.0]),
        ("conflict", [30.0, 30.0]),
        ("denied", [60.0, 60.0]),
    ],
)
def test_registration_is_repeated_for_ever(
    reporter: Reporter,
    client: ControlPlane,
    control_plane: FakeControlPlane,
    monkeypatch: pytest.MonkeyPatch,
    character: str,
    waits: list[float],
) -> None:
    control_plane.character = character
    with monkeypatch.context() as patch:
        if character == "silent":
            patch.setattr(client, "_deadline", 0.3)
        assert [reporter.step() for _ in waits] == waits

    control_plane.character = "accepts"
    assert reporter.step() == 0.0


@pytest.mark.parametrize(
    ("character", "waits"),
    [
        ("refuses", [1.0, 2.0, 4.0, 8.0, 30.0]),
        ("drops", [1.0, 2.0]),
        ("conflict", [30.0]),
        ("denied", [60.0]),
    ],
)
def test_a_beat_that_is_not_taken_is_repeated(
    reporter: Reporter, control_plane: FakeControlPlane, character: str, waits: list[float]
) -> None:
    reporter.step()
    control_plane.character = character

    assert [reporter.step() for _ in waits] == waits


def test_a_busy_control_plane_says_when_to_come_back(reporter: Reporter, control_plane: FakeControlPlane) -> None:
    reporter.step()
    control_plane.character, control_plane.headers = "busy", {"Retry-After": "12"}

    assert reporter.step() == 12.0


def test_an_unknown_node_registers_again_at_once_but_not_in_a_busy_loop(
    reporter: Reporter, control_plane: FakeControlPlane
) -> None:
    reporter.step()
    control_plane.character = "unknown"

    assert [reporter.step(), reporter.step()] == [0.0, 0.0]
    assert len(control_plane.registrations) == 2
    assert reporter.step() == 2.0


def test_a_taken_id_is_registered_anew_when_it_is_free(reporter: Reporter, control_plane: FakeControlPlane) -> None:
    reporter.step()
    control_plane.character = "conflict"
    reporter.step()
    control_plane.character = "accepts"
    reporter.step()

    assert len(control_plane.registrations) == 2


def test_a_nudge_makes_an_early_beat_and_at_most_two_per_second(
    reporter: Reporter, control_plane: FakeControlPlane
) -> None:
    began = time.monotonic()
    threading.Thread(target=reporter.run, daemon=True).start()
    eventually(lambda: len(control_plane.heartbeats) == 1)

    for _ in range(50):
        reporter.nudge()
    eventually(lambda: len(control_plane.heartbeats) == 2)
    for _ in range(50):
        reporter.nudge()
    eventually(lambda: len(control_plane.heartbeats) == 3)

    # From before the first was sent: how long each of them was on its way does not count.
    assert control_plane.times[-1] - began >= 0.99


def test_a_fault_in_one_report_does_not_silence_the_node(
    reporter: Reporter, control_plane: FakeControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node_daemon.pace.REFUSED_DELAY", 0.01)
    faults = iter([ValueError("a fault")])
    honest = Speaker.heartbeat

    def faulty(self: Speaker) -> dict[str, Any]:
        for fault in faults:
            raise fault
        return honest(self)

    monkeypatch.setattr(Speaker, "heartbeat", faulty)
    threading.Thread(target=reporter.run, daemon=True).start()

    eventually(lambda: control_plane.heartbeats)
