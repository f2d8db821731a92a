"""Machines to log in to: a real sshd on loopback, and servers with characters."""

import os
import pwd
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from app.domain.deploying.ssh import SshTarget
from tests.fleet import until
from tests.ports import free_port

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
ME = pwd.getpwuid(os.getuid()).pw_name


def make_key(path: Path, kind: str = "ed25519", passphrase: str = "", *options: str) -> str:
    """A key pair by ssh-keygen; the private half as text."""
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", str(path), *options]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path.read_text()


class Sshd:
    """OpenSSH's own server for the user that runs the tests."""

    def __init__(self, folder: Path, *settings: str) -> None:
        self.folder, self.port = folder, free_port()
        self.private_key = make_key(folder / "login")
        make_key(folder / "host")
        shutil.copy(folder / "login.pub", folder / "authorized")
        Path("/run/sshd").mkdir(exist_ok=True)
        lines = [
            f"Port {self.port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {folder / 'host'}",
            f"AuthorizedKeysFile {folder / 'authorized'}",
            f"PidFile {folder / 'pid'}",
            "StrictModes no",
            "UsePAM no",
            "PasswordAuthentication no",
            "PermitRootLogin yes",
            *settings,
        ]
        (folder / "sshd_config").write_text("\n".join(lines) + "\n")
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Sshd":
        assert SSHD is not None
        with (self.folder / "log").open("ab") as log:
            command = [SSHD, "-D", "-e", "-f", str(self.folder / "sshd_config")]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self._listens, 10)
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(10)

    @property
    def fingerprint(self) -> str:
        """Of the host key, as ssh-keygen says it."""
        return self.fingerprint_of(self.folder / "host.pub")

    @staticmethod
    def fingerprint_of(public: Path) -> str:
        """Of any public key."""
        shown = subprocess.run(["ssh-keygen", "-lf", str(public)], check=True, capture_output=True, text=True)
        return shown.stdout.split()[1]

    @property
    def log(self) -> str:
        """What the server said so far."""
        return (self.folder / "log").read_text()

    def target(self, *pins: str, user: str = ME) -> SshTarget:
        """This machine; without pins its own host key is trusted."""
        return SshTarget("127.0.0.1", user, self.port, pins or (self.fingerprint,))

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


class Character:
    """A server on loopback that treats each connection in its own way."""

    def __init__(self, treat: Callable[[socket.socket], None]) -> None:
        self._treat = treat
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> SshTarget:
        self._thread.start()
        return SshTarget("127.0.0.1", "deploy", self.port, ("SHA256:" + "A" * 43,))

    def __exit__(self, *_: object) -> None:
        self._server.close()
        for connection in self._open:
            connection.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self._open.append(connection)
                threading.Thread(target=self._treat_one, args=(connection,), daemon=True).start()

    def _treat_one(self, connection: socket.socket) -> None:
        with suppress(OSError):
            self._treat(connection)


def silent(_: socket.socket) -> None:
    """Accepts and says nothing."""


def hangs_up(connection: socket.socket) -> None:
    """As a server with too many connections does."""
    connection.close()


def speaks_http(connection: socket.socket) -> None:
    """Another program on the port."""
    connection.recv(1024)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    connection.close()


def greets_then_stalls(connection: socket.socket) -> None:
    """Greets like SSH and then does nothing."""
    connection.sendall(b"SSH-2.0-Stalled_1.0\r\n")


def drips(connection: socket.socket) -> None:
    """A byte now and then, for ever."""
    while True:
        connection.sendall(b"S")
        time.sleep(0.2)


def floods(connection: socket.socket) -> None:
    """Noise without end."""
    while True:
        connection.sendall(b"x" * 65536)
