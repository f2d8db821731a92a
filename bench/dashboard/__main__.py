"""Measure the dashboard with 10,000 live nodes: python -m bench.dashboard [--seconds N]."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench import results
from bench.dashboard.report import Found, chapter
from bench.dashboard.watching import Cost, cost, opened, until_usable
from bench.heartbeats import fleet, machine
from bench.heartbeats.errors import NotMeasurable
from bench.heartbeats.servers import ROOT, WebServer, migrate, two_cores
from standalone.embedded import EmbeddedServers
from standalone.errors import StandaloneError

NODES, RATE = 10_000, 333.0
CLUSTER = "/operations/cluster?view=table"
SETTLE_SECONDS = 4.0
OPENINGS = 5


def main() -> int:
    """Run, print, write. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.dashboard", description="Measure the dashboard.")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each page is watched")
    seconds = parser.parse_args().seconds
    state = Path(tempfile.mkdtemp(prefix="muster-bench-"))
    state.chmod(0o755)  # as root, Postgres is another user and must get in
    try:
        found = _measure(state, seconds)
        results.put(chapter(found, machine.describe(state)))
    except (NotMeasurable, StandaloneError) as fault:
        print(fault, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(state, ignore_errors=True)
    return 0


def _measure(state: Path, seconds: float) -> Found:
    web_core, other_core = two_cores()
    os.sched_setaffinity(0, {other_core})
    with EmbeddedServers(state) as servers:
        migrate(servers)
        fleet.resize(servers, NODES)
        web = WebServer("web", "wsgi:app", servers, web_core).start()
        beats = _start_beats(web.port, 7 * seconds + 60)
        try:
            return _watch(f"http://127.0.0.1:{web.port}", seconds)
        finally:
            beats.terminate()
            beats.wait(10)
            web.stop()


def _start_beats(port: int, seconds: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bench.dashboard.beats", str(port), str(NODES), str(RATE), str(seconds)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)


def _watch(url: str, seconds: float) -> Found:
    usable: list[float] = []
    for _ in range(OPENINGS):
        with opened(url) as page:
            usable.append(until_usable(page, CLUSTER, NODES))
    costs: dict[str, Cost] = {}
    for name, path in (
        ("Table", CLUSTER),
        ("Table by CPU", f"{CLUSTER}&sort=-cpu"),
        ("Cards", "/operations/cluster?view=cards"),
        ("Map", "/operations/cluster?view=map"),
    ):
        with opened(url) as page:
            page.goto(path)
            page.wait_for_timeout(1000 * SETTLE_SECONDS)
            costs[name] = cost(page, seconds)
            print(name, costs[name], flush=True)
    return Found(NODES, RATE, seconds, median(usable), costs)


if __name__ == "__main__":
    sys.exit(main())
