"""Measure deploys and write bench/RESULTS.md: python -m bench.deploy [--print]."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from bench import results
from bench.deploy import ground, measure
from bench.deploy.measure import Found
from bench.deploy.report import chapter
from bench.heartbeats import machine
from bench.heartbeats.errors import NotMeasurable
from standalone.errors import StandaloneError
from tests.deploying import agent_package

HOSTS = ground.CONCURRENCY + 1


def main() -> int:
    """Run, print, write. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.deploy", description="Measure deploys.")
    parser.add_argument("--print", action="store_true", help="print the chapter and leave the file as it is")
    only_print = parser.parse_args().print
    state = Path(tempfile.mkdtemp(prefix="muster-bench-"))
    state.chmod(0o755)  # as root, Postgres is another user and must get in
    try:
        written = chapter(_measure(state), machine.describe(state))
    except (NotMeasurable, StandaloneError) as fault:
        print(fault, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(state, ignore_errors=True)
    print(written)
    if not only_print:
        results.put(written)
    return 0


def _measure(state: Path) -> Found:
    found, began = Found(), time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {text}", file=sys.stderr, flush=True)

    package = agent_package.write(state / "agent.tgz")
    with ground.standing(state, str(package)) as stand:
        hosts = stand.network.add(HOSTS)
        say(f"{HOSTS} hosts are up")
        measure.many_at_once(stand, hosts, found)
        say(f"{HOSTS - 1} at once: {found.parallel_seconds:.1f} s, {found.peak_memory / 1e6:.0f} MB")
        measure.small_steps(stand, hosts, found, say)
        measure.cancels(stand, hosts[0], found)
        say(f"cancels: {found.cancels}")
        measure.playbooks(stand, hosts, found, say)
        for host in hosts:
            host.stop()
        measure.installs(stand, found, say)
    return found


if __name__ == "__main__":
    sys.exit(main())
