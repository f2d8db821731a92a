"""The measurements, each on hosts that are as it needs them. Ours and raw ssh take turns."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

import psutil

from app.domain.identity.actor import SYSTEM
from app.services import jobs
from app.services.jobs import JobView
from bench.deploy import ansible, raw
from bench.deploy.ground import Ground, wait
from bench.heartbeats.errors import NotMeasurable
from bench.heartbeats.servers import ROOT
from tests.kit.hosts import Host

SIZES = {1: 7, 8: 5, 32: 3}  # hosts at once: rounds
INSTALLS = 3
CANCELS = 3
SLOW_SECONDS = 8
LEFT_SECONDS = 10.0
Say = Callable[[str], None]


@dataclass
class Found:
    """What was measured; seconds, and bytes of memory."""

    small: dict[int, list[tuple[float, float]]] = field(default_factory=dict)  # ours, raw
    playbook: dict[int, float] = field(default_factory=dict)
    installs: list[tuple[float, float]] = field(default_factory=list)  # ours, raw
    reruns: list[float] = field(default_factory=list)
    cancels: list[tuple[float, int]] = field(default_factory=list)  # until it ended; processes left
    idle_memory: int = 0
    peak_memory: int = 0
    parallel_seconds: float = 0.0
    runtime_mb: float = 0.0
    missing: list[str] = field(default_factory=list)


def many_at_once(ground: Ground, hosts: Sequence[Host], found: Found) -> None:
    """As many fresh hosts as the worker has threads, each slow enough that all are at work together."""
    first, *others = hosts
    ground.done([ground.deploy(first)], 240)
    found.idle_memory = _memory(ground)
    for host in others:
        _slow(host)
    with _peak(ground) as peaks:
        began = time.perf_counter()
        ground.done(ground.deploy_all(others), 240)
        found.parallel_seconds = time.perf_counter() - began
    found.peak_memory = max(peaks)
    for host in others:
        (host.programs / "python3").unlink()


def small_steps(ground: Ground, hosts: Sequence[Host], found: Found, say: Say) -> None:
    """On hosts that have everything already: look, send, and every step of the runner."""
    for size, rounds in SIZES.items():
        chosen = hosts[:size]
        pairs = found.small[size] = []
        for _ in range(rounds):
            ours = ground.done(ground.deploy_all(chosen))
            if size == 1:
                found.reruns += [(job.finished_at - job.created_at).total_seconds() for job in ours if job.finished_at]
            limit = raw.run(ground.network, ground.url, [(host, raw.load(host, host)) for host in chosen])
            pairs.append((_over_ssh(ours), limit))
            say(f"{size} hosts: ours {pairs[-1][0]:.2f} s, raw ssh {limit:.2f} s")


def playbooks(ground: Ground, hosts: Sequence[Host], found: Found, say: Say) -> None:
    """The same steps by Ansible."""
    try:
        ansible.install()
        for size in SIZES:
            found.playbook[size] = ansible.run(ground.network, hosts[:size])
            say(f"{size} hosts: Ansible {found.playbook[size]:.2f} s")
    except NotMeasurable as fault:
        found.missing.append(str(fault))


def installs(ground: Ground, found: Found, say: Say) -> None:
    """The whole way of fresh hosts, with a runtime of Node.js and PM2, until both agents are seen running."""
    like, *_ = ground.network.add()
    ground.done([ground.deploy(like, runtime=True)], 300)  # makes the runtime, unless it is there from before
    runtime = _newest_runtime()
    found.runtime_mb = len(runtime[1]) / 2**20
    like.stop()
    for _ in range(INSTALLS):
        ours, theirs = ground.network.add(2)
        [job] = ground.done([ground.deploy(ours, runtime=True)])
        assert job.finished_at is not None
        mine = (job.finished_at - job.created_at).total_seconds()
        load = raw.load(theirs, like, runtime)
        began = time.perf_counter()
        raw.run(ground.network, ground.url, [(theirs, load)])
        wait(lambda: ground.is_online(theirs), 60)  # noqa: B023 - called in this round only
        found.installs.append((mine, time.perf_counter() - began))
        say(f"real install: ours {mine:.2f} s, raw ssh {found.installs[-1][1]:.2f} s")
        ours.stop()
        theirs.stop()


def cancels(ground: Ground, host: Host, found: Found) -> None:
    """While the machine installs the daemon."""
    _slow(host)
    for _ in range(CANCELS):
        (host.home() / ".agenticmail" / "daemon" / "worker.pyz.sha256").unlink(missing_ok=True)
        job_id = ground.deploy(host)
        wait(lambda: _runs(job_id, "daemon"), 60)  # noqa: B023 - called in this round only
        began = time.perf_counter()
        jobs.cancel(job_id, SYSTEM)
        wait(lambda: jobs.get_job(job_id).ended, 30)  # noqa: B023
        deadline = time.monotonic() + LEFT_SECONDS
        while (left := _left(host, job_id)) and time.monotonic() < deadline:
            time.sleep(0.05)
        found.cancels.append((time.perf_counter() - began, left))


def _left(host: Host, job_id: UUID) -> int:
    """How many processes there still know of a job."""
    found = 0
    for process in host.processes():
        with suppress(psutil.NoSuchProcess):
            found += str(job_id) in " ".join(process.cmdline())
    return found


def _runs(job_id: UUID, name: str) -> bool:
    return any(step.name == name and step.state == "running" for step in jobs.get_job(job_id).steps)


def _over_ssh(ended: Sequence[JobView]) -> float:
    """From the moment when the first was taken on to the one when the last had carried out all on its machine."""
    began = min(job.started_at for job in ended if job.started_at)
    last = max(step.finished_at for job in ended for step in job.steps if step.name == "start" and step.finished_at)
    return (last - began).total_seconds()


def _slow(host: Host) -> None:
    program = host.programs / "python3"
    wanted = f'case "$*" in *worker.pyz\\ --version) sleep {SLOW_SECONDS};; esac'
    program.write_text(f'#!/bin/sh\n{wanted}\nexec /usr/bin/python3 "$@"\n')
    program.chmod(0o755)


def _memory(ground: Ground) -> int:
    parts = [ground.worker, *ground.worker.children(recursive=True)]
    return sum(part.memory_full_info().pss for part in parts)


@contextmanager
def _peak(ground: Ground) -> Iterator[list[int]]:
    """Samples of the worker's memory, five a second."""
    peaks, done = [0], threading.Event()

    def sample() -> None:
        while not done.wait(0.2):
            peaks.append(_memory(ground))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peaks
    finally:
        done.set()
        thread.join(5)


def _newest_runtime() -> tuple[str, bytes]:
    folder = ROOT / "build" / "bench-bundles"
    about = max(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
    return json.loads(about.read_text())["sha256"], about.with_suffix(".tar.gz").read_bytes()
