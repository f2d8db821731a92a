"""A Celery worker says every few seconds that it is there."""

import logging
import os
from datetime import UTC, datetime
from secrets import token_hex
from threading import Event, Thread
from typing import Any

from celery.signals import task_postrun, worker_ready, worker_shutting_down

from app.extensions import celery
from app.services.watching import presence

log = logging.getLogger(__name__)


class Presence:
    """Of this process; the thread starts when the worker is ready."""

    def __init__(self) -> None:
        self._worker_id = ""
        self._last_task_at: datetime | None = None
        self._stop = Event()

    def start(self, sender: Any = None, **_: object) -> None:
        """Begin to stamp."""
        self._worker_id = f"{getattr(sender, 'hostname', 'celery')}:{os.getpid()}:{token_hex(4)}"
        Thread(target=self._run, name="presence", daemon=True).start()

    def note_task(self, **_: object) -> None:
        """A task has ended, well or not."""
        self._last_task_at = datetime.now(UTC)

    def stop(self, **_: object) -> None:
        """Leave in good order."""
        self._stop.set()

    def _run(self) -> None:
        with celery.flask_app.app_context():
            while not self._stop.is_set():
                self._say(lambda: presence.stamp(self._worker_id, self._last_task_at))
                self._stop.wait(presence.STAMP_SECONDS)
            self._say(lambda: presence.leave(self._worker_id))

    def _say(self, verb: Any) -> None:
        try:
            verb()
        except Exception as failure:  # noqa: BLE001 - whatever stops this word, the next one must be tried
            log.warning("not able to say that this worker is there: %s", type(failure).__name__)


_presence = Presence()
worker_ready.connect(_presence.start)
task_postrun.connect(_presence.note_task)
worker_shutting_down.connect(_presence.stop)
