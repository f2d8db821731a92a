"""Whatever can be broken of a whole control plane, by chance: one fault after the other, each mended soon."""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import psutil

from tests.faults.web import children
from tests.journeys.control_plane import WORKER, ControlPlane
from tests.kit.stores import Stores

PROGRAMS = {
    "worker": WORKER,
    "beat": ("-m", "flask", "--app", "wsgi", "beat"),
}


class Nemesis:
    """Breaks only what the test started. While `spared` names a program, that one may be paused, but is not ended."""

    def __init__(self, plane: ControlPlane, stores: Stores, seed: int) -> None:
        self.plane, self.stores, self.chance = plane, stores, random.Random(seed)
        self.spared: set[str] = set()
        self.done: Counter[str] = Counter()

    def strike(self) -> None:
        """One fault, from its beginning to where all runs again."""
        fault = self.chance.choice(self._possible())
        name = fault.__name__.strip("_").replace("_", " ")
        self.done[name] += 1
        print(f"{time.strftime('%H:%M:%S')} {name}")  # noqa: T201 - pytest shows it when the test failed
        fault()

    def _possible(self) -> list[Callable[[], None]]:
        faults = [
            self._redis_killed,
            self._redis_hung,
            self._redis_flushed,
            self._postgres_stopped,
            self._postgres_hung,
        ]
        faults += [self._celery_paused, self._beat_killed, self._second_web_killed, self._second_web_restarted]
        if "web" not in self.spared:
            faults += [self._web_child_killed, self._web_killed]
        if "worker" not in self.spared:
            faults += [self._celery_killed]
        return faults

    def _redis_killed(self) -> None:
        self.stores.redis.kill()
        self._wait(0, 5)
        self.stores.redis.start()

    def _redis_hung(self) -> None:
        self.stores.redis.freeze()
        try:
            self._wait(1, 8)
        finally:
            self.stores.redis.thaw()

    def _redis_flushed(self) -> None:
        self.stores.redis.forget()

    def _postgres_stopped(self) -> None:
        self.stores.postgres.stop_immediately()
        self._wait(0, 2)
        self.stores.postgres.start()

    def _postgres_hung(self) -> None:
        self.stores.postgres.freeze()
        try:
            self._wait(1, 5)
        finally:
            self.stores.postgres.thaw()

    def _web_child_killed(self) -> None:
        with suppress(psutil.NoSuchProcess, IndexError):
            self.chance.choice(children(self.plane)).kill()

    def _web_killed(self) -> None:
        self.plane.kill("web")
        self._wait(0, 3)
        self.plane.start_web("web")

    def _second_web_killed(self) -> None:
        self.plane.kill("second")
        self._wait(0, 3)
        self.plane.start_web("second")

    def _second_web_restarted(self) -> None:
        self.plane.terminate("second")
        self.plane.start_web("second")

    def _celery_killed(self) -> None:
        self._replace("worker")

    def _beat_killed(self) -> None:
        self._replace("beat")

    def _celery_paused(self) -> None:
        self.plane.processes["worker"].send_signal(signal.SIGSTOP)
        try:
            self._wait(2, 12)
        finally:
            self.plane.processes["worker"].send_signal(signal.SIGCONT)

    def _replace(self, name: str) -> None:
        self.plane.kill(name)
        self._wait(0, 4)
        self.plane.run(name, *PROGRAMS[name])

    def _wait(self, least: float, most: float) -> None:
        time.sleep(self.chance.uniform(least, most))
