"""Figures of the machine: /proc must say what psutil says."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from daemon_doubles import eventually

from node_daemon.machine import sample
from node_daemon.machine.proc import ProcMachine, ProcProcesses, parse_cpu, parse_memory, parse_stat
from node_daemon.machine.psutil_readers import PsutilMachine, PsutilProcesses
from node_daemon.machine.readers import CpuTimes, ProcessRow
from node_daemon.machine.sample import Sampler, cpu_share

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has /proc")
BURN = "while True: pass"


@pytest.fixture
def burner() -> Iterator[subprocess.Popen[bytes]]:
    """A session whose first process waits while its child burns a core."""
    code = f"import subprocess,sys; subprocess.run([sys.executable, '-S', '-c', {BURN!r}])"
    process = subprocess.Popen([sys.executable, "-S", "-c", code], start_new_session=True)
    yield process
    os.killpg(process.pid, 9)
    process.wait(5)


def memory(rows: list[ProcessRow]) -> int:
    return sum(row.memory_bytes for row in rows)


@on_linux
def test_proc_and_psutil_agree_on_the_machine() -> None:
    from_proc, from_psutil = ProcMachine(), PsutilMachine(psutil)

    ours, theirs = from_proc.cpu_times(), from_psutil.cpu_times()

    assert ours.total == pytest.approx(theirs.total, abs=1.0)
    assert ours.busy == pytest.approx(theirs.busy, abs=1.0)
    assert from_proc.memory_usage() == pytest.approx(from_psutil.memory_usage(), abs=0.02)
    assert from_proc.uptime() == pytest.approx(from_psutil.uptime(), abs=2.0)


@on_linux
def test_proc_and_psutil_agree_on_processes(burner: subprocess.Popen[bytes]) -> None:
    from_proc, from_psutil = ProcProcesses(), PsutilProcesses(psutil)

    def look() -> tuple[list[ProcessRow], list[ProcessRow]] | None:
        """Both at the same moment: between two equal answers, which a program that still starts does not give."""
        ours, theirs, again = (one.members([burner.pid]) for one in (from_proc, from_psutil, from_proc))
        return (ours, theirs) if len(ours) == 2 and memory(ours) == memory(again) else None

    ours, theirs = eventually(look)

    assert {row.pid for row in ours} == {row.pid for row in theirs}
    assert {row.session for row in [*ours, *theirs]} == {burner.pid}
    assert memory(ours) == pytest.approx(memory(theirs), rel=0.3)


@on_linux
@pytest.mark.parametrize("reader", [ProcProcesses(), PsutilProcesses(psutil)], ids=["proc", "psutil"])
def test_a_process_keeps_its_identity_and_a_later_one_has_another(reader: ProcProcesses | PsutilProcesses) -> None:
    mark = str(uuid4())
    one = subprocess.Popen(["sleep", "60"], start_new_session=True, env={**os.environ, "MARK": mark})
    first = reader.process(one.pid)
    again = reader.process(one.pid)
    found = eventually(lambda: reader.started_with(f"MARK={mark}"))  # a program that just began has no environment yet
    one.kill()
    dead = eventually(lambda: (row := reader.process(one.pid)) and row.is_zombie and row)
    one.wait(5)

    assert first is not None
    assert again is not None
    assert dead.identity == first.identity == again.identity
    assert [row.pid for row in found] == [one.pid]
    assert reader.process(one.pid) is None
    other = reader.process(os.getpid())
    assert other is not None
    assert other.identity != first.identity


def test_a_process_name_with_brackets_and_spaces_is_read() -> None:
    fields = ["S", "1", "42", "42"] + ["0"] * 7 + ["150", "50"] + ["0"] * 6 + ["777", "0", "10", "0"]

    row = parse_stat(b"42 (a ) b (c) " + " ".join(fields).encode(), "boot")

    assert (row.pid, row.session, row.identity) == (42, 42, "boot:777")
    assert row.cpu_seconds == pytest.approx(200 / os.sysconf("SC_CLK_TCK"))


def test_waiting_for_a_disk_is_idle_time_and_guests_count_once() -> None:
    tick = os.sysconf("SC_CLK_TCK")

    times = parse_cpu("cpu  100 10 50 800 40 3 2 5 60 7\ncpu0 0\n")

    assert times == CpuTimes(170 / tick, 1010 / tick)


def test_memory_is_what_a_new_program_cannot_have() -> None:
    assert parse_memory("MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 400 kB\n") == pytest.approx(0.6)
    assert parse_memory("MemTotal: 1000 kB\nMemFree: 100 kB\n") == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("after", "share"), [(CpuTimes(15, 110), 0.5), (CpuTimes(10, 100), 0.0), (CpuTimes(9, 101), 0.0)]
)
def test_cpu_usage_is_the_share_since_the_last_sample(after: CpuTimes, share: float) -> None:
    assert cpu_share(CpuTimes(10, 100), after) == share


@on_linux
def test_an_agents_load_holds_its_children_and_the_time_since_the_last_sample(
    burner: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    processes = ProcProcesses()
    eventually(lambda: len(processes.members([burner.pid])) == 2)
    sampler = Sampler(ProcMachine(), processes, [tmp_path])
    sampler.sample([burner.pid])

    def burnt() -> float:
        return sum(row.cpu_seconds for row in processes.members([burner.pid]))

    before = burnt()
    eventually(lambda: burnt() > before + 0.3)
    found = sampler.sample([burner.pid])

    assert 0.1 < found.agents[burner.pid].cpu_usage < 1.2
    assert found.agents[burner.pid].memory_mb >= 5
    assert 0 < found.cpu_usage <= 1
    assert 0 < found.disk_usage <= 1


class FakeMachine:
    """Says what it is told to."""

    def __init__(self) -> None:
        self.times = CpuTimes(0, 0)

    def cpu_times(self) -> CpuTimes:
        return self.times

    def memory_usage(self) -> float:
        return 0.5

    def uptime(self) -> float:
        return 1.5


def test_every_sample_is_about_the_time_since_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "SHORTEST_WINDOW", 0.0)
    machine = FakeMachine()
    sampler = Sampler(machine, ProcProcesses(), [])
    shares = []

    for times in (CpuTimes(50, 100), CpuTimes(50, 200), CpuTimes(150, 300)):
        machine.times = times
        shares.append(sampler.sample().cpu_usage)

    assert shares == [0.5, 0.0, 1.0]


def test_samples_in_quick_succession_do_not_wait(tmp_path: Path) -> None:
    sampler = Sampler(PsutilMachine(psutil), ProcProcesses(), [tmp_path / "not" / "there"])
    sampler.sample()
    began = time.monotonic()

    for _ in range(20):
        sampler.sample()

    assert time.monotonic() - began < 0.5
