"""A tiny agent that really runs: it counts words for a living, logs now and then, and ends on SIGTERM."""

from __future__ import annotations

import fcntl
import os
import random
import signal
import sys
import time
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

WORDS = ("node", "agent", "daemon", "heartbeat", "job", "fleet", "stream", "register", "restart", "observe")
PAUSE_SECONDS = 2.0
LOG_EVERY = 15  # rounds: one line in half a minute


def write_text(length: int) -> list[str]:
    """A text nobody asked for, of that many words."""
    return random.choices(WORDS, k=length)  # noqa: S311 - prose, not a secret


def favourite(counts: Counter[str]) -> str:
    word, times = counts.most_common(1)[0]
    return f'"{word}" ({times} of {sum(counts.values())} words)'


def log(name: str, text: str) -> None:
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: UP017 - runs under a node's own Python
    print(f"{now} {name}: {text}", flush=True)


def is_orphaned(lock_file: str) -> bool:
    """Whether no Muster holds its lock any more: then nobody is left who would stop this agent."""
    try:
        with Path(lock_file).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def work(name: str, lock_file: str | None) -> None:
    """Write and count until told to stop, or until the Muster that holds the lock is gone."""
    counts: Counter[str] = Counter()
    rounds = 0
    try:
        log(name, "started")
        while not (lock_file and is_orphaned(lock_file)):
            time.sleep(PAUSE_SECONDS)
            counts.update(write_text(2_000))
            rounds += 1
            if rounds % LOG_EVERY == 0:
                log(name, f"{rounds} texts written, favourite word {favourite(counts)}")
    finally:
        log(name, f"ended after {rounds} texts")


def main() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    work(sys.argv[1] if len(sys.argv) > 1 else "demo", os.environ.get("MUSTER_LOCK"))


if __name__ == "__main__":
    main()
