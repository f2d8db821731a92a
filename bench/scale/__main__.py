"""Measure the whole control plane as the fleet grows: python -m bench.scale [--quick] [--print]."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from bench import results
from bench.heartbeats import fleet, machine
from bench.heartbeats.errors import NotMeasurable
from bench.heartbeats.loop import Loop
from bench.heartbeats.servers import migrate
from bench.scale import paths
from bench.scale.fleet import Records
from bench.scale.measure import Herd, Steady, herd, p99, steady
from bench.scale.report import chapter
from bench.scale.stack import Stack
from standalone.embedded import EmbeddedServers
from standalone.errors import StandaloneError

# Nodes, and seconds for which they beat.
FULL = {100: 60.0, 1_000: 60.0, 10_000: 600.0, 30_000: 60.0}
QUICK = {100: 15.0, 1_000: 15.0, 10_000: 30.0, 30_000: 30.0}
HERD, OUTAGE, RETURN = 10_000, 60.0, 90.0


def main() -> int:
    """Run, print, write. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description="Measure the whole control plane.")
    parser.add_argument("--quick", action="store_true", help="short turns: about five minutes instead of fifteen")
    parser.add_argument("--print", action="store_true", help="print the chapter instead of writing it")
    arguments = parser.parse_args()
    state = Path(tempfile.mkdtemp(prefix="muster-bench-"))
    state.chmod(0o755)  # as root, Postgres is another user and must get in
    try:
        with EmbeddedServers(state) as servers:
            migrate(servers)
            grown = _grow(servers, QUICK if arguments.quick else FULL)
            back, single = _come_back(servers)
            single += paths.checked(servers)
        written = chapter(grown, [back], single, machine.describe(state))
    except (NotMeasurable, StandaloneError) as fault:
        print(fault, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(state, ignore_errors=True)
    if arguments.print:
        print(written)
    else:
        results.put(written)
    return 0


def _grow(servers: EmbeddedServers, sizes: dict[int, float]) -> list[Steady]:
    records, loop = Records(servers), Loop()
    grown: list[Steady] = []
    for nodes, seconds in sizes.items():
        fleet.resize(servers, nodes)
        with Stack(servers) as stack:
            grown.append(steady(stack, records, loop, nodes, seconds))
        print(f"{nodes} nodes: p99 {p99(grown[-1].sent.posts):.0f} ms, {grown[-1].whole:.0%} of a core", flush=True)
    return grown


def _come_back(servers: EmbeddedServers) -> tuple[Herd, list[paths.Path]]:
    records, loop = Records(servers), Loop()
    fleet.resize(servers, HERD)
    with Stack(servers) as stack:
        steady(stack, records, loop, HERD, 30.0, viewers=1)
        single = paths.asked(stack)
        back = herd(stack, records, loop, HERD, OUTAGE, RETURN)
    print(f"back after an outage: all heard in {back.fresh_after:.0f} s, p99 {p99(back.sent.posts):.0f} ms", flush=True)
    return back, single


if __name__ == "__main__":
    sys.exit(main())
