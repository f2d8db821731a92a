"""The Celery app for workers, beat and Flower; as a program of its own, a Celery worker."""

import argparse
import ctypes
import gc
import sys

from app import create_app
from app.extensions import celery

M_ARENA_MAX = -8  # glibc's own number

# As many heaps as threads ask for would each keep what deploys leave in it; other C libraries have one anyway.
if hasattr(libc := ctypes.CDLL(None), "mallopt"):
    libc.mallopt(M_ARENA_MAX, 2)

flask_app = create_app(role="worker")

__all__ = ["celery", "flask_app"]


def main() -> int:
    """Work until a signal ends it; the exit code.

    As `celery -A celery_worker worker --pool threads` does, without the memory of Celery's command line, which loads
    Flower and an interactive shell too.
    """
    parser = argparse.ArgumentParser(prog="celery_worker.py", description="Run a Celery worker.")
    parser.add_argument("--concurrency", type=int, default=16, help="how many jobs at once (default: 16)")
    # What was imported stays, and need not be looked at again: after that, to look at all the rest costs so little that
    # it is done often. What a lost connection or a deploy leaves would otherwise gather to megabytes.
    gc.collect()
    gc.freeze()
    gc.collect()  # a quarter of what this finds may gather before the next one
    gc.set_threshold(700, 10, 1)
    worker = celery.Worker(pool="threads", concurrency=parser.parse_args().concurrency, loglevel="INFO")
    worker.start()
    return int(worker.exitcode or 0)


if __name__ == "__main__":
    sys.exit(main())
