"""Run a program on one machine at a time: whoever holds a Postgres advisory lock runs it."""

import ctypes
import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import psycopg2

from app.domain.database_url import smart_db_config
from app.domain.errors import MusterError

# Any constant of our own; it is the same for every process of one database.
LOCK_KEY = 0x6D757374
LOOK_SECONDS = 1.0
STOP_SECONDS = 10.0
PR_SET_PDEATHSIG = 1

log = logging.getLogger(__name__)


def run_as_leader(database_url: str, command: Sequence[str], on_start: Callable[[], None]) -> None:
    """Wait for the lock, run the command while it is held, begin again when either is lost. Ends on SIGTERM.

    A session lock needs a session: a pooler in transaction mode cannot hold one.
    """
    signal.signal(signal.SIGTERM, _stop)
    tuned = smart_db_config(database_url, "beat")
    if tuned.direct_needed:
        raise SystemExit(tuned.advice)
    dsn = tuned.url.replace("+psycopg2", "")
    while True:
        try:
            _lead(dsn, dict(tuned.connect_args), command, on_start)
        except psycopg2.Error as failure:
            log.warning("beat waits for the database: %s", type(failure).__name__)
        time.sleep(LOOK_SECONDS)


def _lead(dsn: str, options: dict[str, Any], command: Sequence[str], on_start: Callable[[], None]) -> None:
    connection = psycopg2.connect(dsn, **options)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            _wait_for_lock(cursor)
            child = subprocess.Popen(command, preexec_fn=_die_with_parent)  # noqa: PLW1509 - one thread here, and Linux needs it
            try:
                _ring(on_start)
                while child.poll() is None:
                    time.sleep(LOOK_SECONDS)
                    cursor.execute("SELECT 1")  # raises when the session, and so the lock, is gone
            finally:
                _end(child)
    finally:
        connection.close()


def _wait_for_lock(cursor: Any) -> None:
    while True:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", (LOCK_KEY,))
        if cursor.fetchone()[0]:
            return
        time.sleep(LOOK_SECONDS)


def _ring(on_start: Callable[[], None]) -> None:
    try:
        on_start()
    except MusterError as failure:
        log.warning("the first check has to wait for the schedule: %s", failure)


def _end(child: "subprocess.Popen[bytes]") -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()


def _die_with_parent() -> None:
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))


def _stop(signum: int, frame: FrameType | None) -> None:
    del signum, frame
    raise SystemExit(0)
