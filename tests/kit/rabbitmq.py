"""A RabbitMQ of one's own on loopback, for what Celery does with another broker than Redis."""

import os
import shutil
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.fleet import until
from tests.kit.processes import Processes
from tests.ports import closed_port

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
START_SECONDS = 60.0
CONFIG = "listeners.tcp.1 = 127.0.0.1:{port}\nloopback_users = none\n"


def obstacle() -> str:
    """Why there can be none here, or ""."""
    return "" if SERVER.exists() and shutil.which("epmd") else "RabbitMQ is not installed (Debian: rabbitmq-server)"


class RabbitMq:
    """One broker with a folder of its own, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.port, self._names_port = closed_port(), closed_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        self._log, self._processes = folder / "rabbitmq.log", Processes()
        (folder / "rabbitmq.conf").write_text(CONFIG.format(port=self.port))
        self._environment = {
            **os.environ,
            "HOME": str(folder),
            "RABBITMQ_NODENAME": f"muster{self.port}@localhost",
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "logs"),
            "RABBITMQ_DIST_PORT": str(closed_port()),
            "RABBITMQ_PLUGINS_EXPAND_DIR": str(folder / "plugins"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "ERL_EPMD_PORT": str(self._names_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    def __enter__(self) -> Self:
        names = ["epmd", "-address", "127.0.0.1", "-port", str(self._names_port)]
        self._processes.start(names, self._log, env=self._environment)
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._processes.end_all()

    def start(self) -> None:
        """Start it with what it kept, and wait until it listens."""
        self._process: subprocess.Popen[bytes] = self._processes.start([str(SERVER)], self._log, env=self._environment)
        until(self._listens, START_SECONDS)

    def kill(self) -> None:
        """End it without a chance to say goodbye."""
        self._processes.end(self._process)

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False
