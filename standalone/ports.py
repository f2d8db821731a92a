"""Which ports are free on this machine."""

from __future__ import annotations

import errno
import socket

from standalone.errors import StandaloneError


def check_can_listen(host: str, port: int) -> None:
    """Raise one sentence that names PORT or HOST if the web process could not listen there."""
    try:
        _bind(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            why = "another program listens there: stop it or set PORT to another number."
        elif error.errno == errno.EACCES:
            why = "this user may not: set PORT to a number above 1023."
        else:
            why = f"{(error.strerror or 'no such address').lower()}: set HOST to an address of this machine."
        raise StandaloneError(f"Muster cannot listen on port {port} of {host}, {why}") from error


def is_free(port: int) -> bool:
    """Whether a server could listen there on 127.0.0.1 now."""
    try:
        _bind("127.0.0.1", port)
    except OSError:
        return False
    return True


def any_free() -> int:
    """A port on 127.0.0.1 that the system picks."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _bind(host: str, port: int) -> None:
    """Listen for a moment. A second look by connecting: macOS lets two programs bind the same port."""
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
    with socket.socket(family, kind) as visitor:
        visitor.settimeout(1.0)
        if visitor.connect_ex(address) == 0:
            raise OSError(errno.EADDRINUSE, "in use")
