"""HTTP servers with characters, as a node may be."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

Character = Callable[[socket.socket, str], None]


def answering(status: str, body: str = "", headers: str = "") -> Character:
    """Answers every request like this."""

    def answer(connection: socket.socket, _request: str) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}Connection: close\r\n\r\n"
        connection.sendall((head + body).encode())

    return answer


def by_path(**answers: Character) -> Character:
    """Answers by the last part of the path; 404 for others."""

    def answer(connection: socket.socket, request: str) -> None:
        name = request.split(" ")[1].rpartition("/")[2]
        answers.get(name, answering("404 Not Found"))(connection, request)

    return answer


def silent(connection: socket.socket, _request: str) -> None:
    """Takes the call and never answers."""
    connection.settimeout(20)
    with suppress(OSError):
        connection.recv(1)


def dripping(head: bytes) -> Character:
    """Sends the head at once and then a byte now and then, for ever."""

    def answer(connection: socket.socket, _request: str) -> None:
        connection.sendall(head)
        gone = threading.Event()
        with suppress(OSError):
            while not gone.wait(0.02):
                connection.sendall(b"{")

    return answer


def endless(connection: socket.socket, _request: str) -> None:
    """Sends as much as the other side takes."""
    with suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(5000):
            connection.sendall(b'{"version": "' + b"x" * 10_000)


def speaking(raw: bytes) -> Character:
    """Sends these bytes, whatever they are."""

    def answer(connection: socket.socket, _request: str) -> None:
        connection.sendall(raw)

    return answer


class Neighbour:
    """A server on a free port; `requests` holds the first line of each request."""

    def __init__(self, character: Character) -> None:
        self.requests: list[str] = []
        self._character = character
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        """Take no more calls."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(10)
            raw = b""
            while b"\r\n\r\n" not in raw:
                raw += connection.recv(4096) or b"\r\n\r\n"
            request = raw.decode(errors="replace").partition("\r\n")[0]
            self.requests.append(request)
            self._character(connection, request)


@contextmanager
def neighbour(character: Character) -> Iterator[Neighbour]:
    """A server for the length of a test."""
    with closing(Neighbour(character)) as made:
        yield made
