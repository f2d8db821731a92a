"""A pulse through the heartbeat lane every few seconds, for as long as the web process lives."""

import logging
from threading import Event, Thread

from flask import Flask

from app.services import heartbeats
from app.services.presence import listening

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Make the pulse of this process; the web server starts it."""
    app.extensions["pulse"] = Pulse(app)


class Pulse:
    """Keeps proving that this process can accept heartbeats."""

    def __init__(self, app: Flask) -> None:
        self._app, self._stop = app, Event()

    def start(self) -> None:
        """Begin; called once per web process, after it was forked."""
        Thread(target=self._run, name="pulse", daemon=True).start()

    def stop(self) -> None:
        """End, and leave in good order."""
        self._stop.set()
        with self._app.app_context():
            listening.leave()

    def _run(self) -> None:
        with self._app.app_context():
            while not self._stop.is_set():
                try:
                    heartbeats.pulse()
                except Exception as failure:  # noqa: BLE001 - whatever stops this proof, the next one must be tried
                    log.warning("not able to accept heartbeats: %s", type(failure).__name__)
                self._stop.wait(listening.pulse_seconds())
