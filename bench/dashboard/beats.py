"""A fleet that beats steadily, in a process of its own: python -m bench.dashboard.beats PORT NODES RATE SECONDS."""

from __future__ import annotations

import sys

from bench.heartbeats import fleet
from bench.heartbeats.figures import schedule
from bench.heartbeats.loop import Loop
from bench.heartbeats.messages import OURS, small_beat
from bench.heartbeats.posters import OpenLoop


def main(port: int, nodes: int, rate: float, seconds: float) -> int:
    """Send the beats; says how many were answered."""
    times = schedule(rate, seconds)
    posters = OpenLoop(Loop(), port, fleet.beats(nodes, len(times), OURS, True, small_beat), times, keep=True)
    posters.run()
    print(f"{len(posters.late_seconds)} of {len(times)} answered")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])))
