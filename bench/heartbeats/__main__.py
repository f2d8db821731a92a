"""Measure the hot path and write bench/RESULTS.md: python -m bench.heartbeats [--quick]."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from bench.heartbeats import fleet, machine, report, rounds
from bench.heartbeats.errors import NotMeasurable
from bench.heartbeats.loop import Loop
from bench.heartbeats.messages import daemon_beat
from bench.heartbeats.observed import Results
from bench.heartbeats.plan import FULL, QUICK, Plan
from bench.heartbeats.servers import ROOT, WebServer, migrate, two_cores
from bench.heartbeats.stand import Stand
from bench.heartbeats.targets import judge
from bench.heartbeats.viewing import idle_memory
from bench.results import put
from standalone.embedded import EmbeddedServers
from standalone.errors import StandaloneError


def main() -> int:
    """Run, print, write. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.heartbeats", description="Measure the hot path.")
    parser.add_argument("--quick", action="store_true", help="one short round: about a minute and a half")
    parser.add_argument("--output", type=Path, default=ROOT / "bench" / "RESULTS.md", help="where the table goes")
    arguments = parser.parse_args()
    plan = QUICK if arguments.quick else FULL
    state = Path(tempfile.mkdtemp(prefix="muster-bench-"))
    state.chmod(0o755)  # as root, Postgres is another user and must get in
    try:
        results = _measure(plan, state)
        described = machine.describe(state)
    except (NotMeasurable, StandaloneError) as fault:
        print(fault, file=sys.stderr)
        for log in sorted((state / "logs").glob("*.log")):
            print(f"{log.name}:", *log.read_text().splitlines()[-8:], sep="\n  ", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(state, ignore_errors=True)
    put(report.page(results, plan, described, len(daemon_beat(1, 1))), arguments.output)
    for target in judge(results):
        print(f"{'met    ' if target.met else 'NOT met'}  {target.what}: {target.found} ({target.limit})")
    return 0


def _measure(plan: Plan, state: Path) -> Results:
    web_core, generator_core = two_cores()
    os.sched_setaffinity(0, {generator_core})  # and with us all that we start, but the web servers
    began = time.monotonic()
    results = Results()
    with EmbeddedServers(state) as servers:
        migrate(servers)
        fleet.resize(servers, 1000)
        baseline = WebServer("baseline", "bench.heartbeats.baseline:app", servers, web_core).start()
        try:
            stand = Stand(plan, servers, web_core, generator_core, baseline, results, Loop(), _say)
            for number in range(plan.rounds):
                _say(f"round {number + 1} of {plan.rounds}, after {time.monotonic() - began:.0f} s")
                rounds.run(stand)
            idle_memory(stand)
        finally:
            baseline.stop()
    _say(f"done after {time.monotonic() - began:.0f} s")
    return results


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
