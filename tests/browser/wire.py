"""The wire between a browser and the control plane, so that a test can cut it."""

import socket
import threading
from contextlib import suppress

from tests.kit.loopback import Loopback


class Wire:
    """Passes bytes on from where the browser is. `cut` ends every connection; while `down`, new ones are refused."""

    def __init__(self, target: tuple[str, int], loopback: Loopback | None) -> None:
        self.down = False
        self._target = target
        self._open: set[socket.socket] = set()
        # In there it has the address of the control plane itself, so that a link is the same for all.
        self._listener = loopback.listen(*target) if loopback else socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """What the browser believes to be the control plane."""
        return f"http://{self.host}:{self.port}"

    def cut(self) -> None:
        """End every connection now."""
        for end in list(self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End for good."""
        self.down = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self._listener.accept()
                self._join(browser)

    def _join(self, browser: socket.socket) -> None:
        try:
            if self.down:
                raise ConnectionRefusedError
            server = socket.create_connection(self._target)
        except OSError:
            browser.close()
            return
        self._open |= {browser, server}
        back = threading.Thread(target=self._pass_on, args=(server, browser), daemon=True)
        back.start()
        threading.Thread(target=self._forth, args=(browser, server, back), daemon=True).start()

    def _forth(self, browser: socket.socket, server: socket.socket, back: threading.Thread) -> None:
        self._pass_on(browser, server)
        back.join()
        for end in (browser, server):
            self._open.discard(end)
            end.close()

    @staticmethod
    def _pass_on(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
