"""Commands run to their end, never for ever, and what is sent and said arrives whole."""

import time
from collections.abc import Iterator

import paramiko
import pytest

from app.domain.deploying.ssh import Login, SshFailure, SshFault
from app.gateways.ssh import LineReader, Shell, shell
from app.gateways.ssh.shell import LARGEST_OUTPUT
from tests.fleet import until
from tests.gateways.ssh.machines import Sshd


@pytest.fixture
def machine(sshd: Sshd) -> Iterator[Shell]:
    """A shell on a real sshd."""
    with shell(sshd.target(), Login(sshd.private_key)) as found:
        yield found


def test_a_command_tells_its_exit_code_and_both_its_outputs(machine: Shell) -> None:
    ran = machine.run("echo out; echo err >&2; exit 3")

    assert (ran.code, sorted(ran.output.split())) == (3, ["err", "out"])


def test_data_on_standard_input_arrives_byte_by_byte(machine: Shell) -> None:
    sent = bytes(range(256)) * 20_000  # 5 MB

    assert machine.run("wc -c", sent).output.strip() == str(len(sent))


def test_a_command_that_does_not_read_its_input_ends_all_the_same(machine: Shell) -> None:
    assert machine.run("exit 4", b"x" * 10_000_000).code == 4


def test_output_without_end_is_cut_and_counted(machine: Shell) -> None:
    ran = machine.run("head -c 3000000 /dev/zero | tr '\\0' x")

    assert len(ran.output) == LARGEST_OUTPUT
    assert ran.dropped == 3_000_000 - LARGEST_OUTPUT


def test_an_endless_command_ends_at_its_limit(machine: Shell) -> None:
    started = time.monotonic()

    with pytest.raises(SshFailure) as failure:
        machine.run("sleep 60", limit=0.5)

    assert failure.value.fault is SshFault.TIME_LIMIT
    assert time.monotonic() - started < 3


def test_silence_means_that_the_connection_is_lost(machine: Shell) -> None:
    with pytest.raises(SshFailure) as failure:
        machine.stream("sleep 60", lambda _: None, limit=30, silence=0.5)

    assert failure.value.fault is SshFault.CONNECTION_LOST


def test_an_end_that_comes_right_after_the_look_at_the_exit_status_is_an_end(
    machine: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    ready = paramiko.Channel.exit_status_ready

    def first_too_early(channel: paramiko.Channel) -> bool:
        looks.append(1)
        until(lambda: channel.closed, 10)
        return len(looks) > 1 and ready(channel)

    monkeypatch.setattr(paramiko.Channel, "exit_status_ready", first_too_early)

    assert machine.run("exit 3").code == 3
    assert len(looks) == 2


def test_a_command_can_be_left_at_any_time(machine: Shell) -> None:
    assert machine.stream("sleep 60", lambda _: None, limit=30, silence=30, stop=lambda: True) == -1


def test_lines_are_whole_whatever_the_pieces() -> None:
    reader, said = LineReader(), "erste Zeile ✓\nsecond\r\nold\rnew\nrest"

    found = [line for byte in said.encode() for line in reader.lines(bytes([byte]))]

    assert found == ["erste Zeile ✓", "second", "new"]


def test_whoever_waits_for_a_command_is_asked_meanwhile_whether_to_go_on(machine: Shell) -> None:
    asked: list[int] = []

    def enough() -> bool:
        asked.append(1)
        return len(asked) > 5

    assert machine.run("sleep 60", stop=enough).code == -1
