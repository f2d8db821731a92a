"""Commands on a machine: constant text, data on standard input, polled with a deadline, never waited for blindly."""

import codecs
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from mmap import mmap

import paramiko

from app.domain.deploying.ssh import Login, SshFailure, SshFault, SshTarget
from app.gateways.ssh.connection import connected
from app.gateways.ssh.patience import entered

PIECE = 65536
PACKET = 32704  # bytes: OpenSSH takes 32768 in a packet with its head, and what it does not take was copied for nothing
LOOK_SECONDS = 0.05
OPEN_SECONDS = 10.0
LARGEST_OUTPUT = 1024 * 1024  # bytes kept of one command; the rest is counted and dropped

Input = bytes | mmap | Sequence[bytes]  # in pieces, what many send at once need not be copied


@dataclass(frozen=True)
class Ran:
    """How a command ended. `code` is -1 when it was killed; `output` is standard output and error together."""

    code: int
    output: str
    dropped: int = 0  # bytes


class Shell:
    """Runs commands over one connection."""

    def __init__(self, transport: paramiko.Transport, target: SshTarget) -> None:
        self._transport, self._target = transport, target

    def run(
        self, command: str, stdin: Input = b"", limit: float = 30.0, stop: Callable[[], bool] = lambda: False
    ) -> Ran:
        """Run a command to its end within `limit` seconds, or until `stop` says so. Raises SshFailure."""
        kept: list[bytes] = []
        taken = dropped = 0

        def keep(piece: bytes) -> None:
            nonlocal taken, dropped
            room = max(LARGEST_OUTPUT - taken, 0)
            kept.append(piece[:room])
            taken += len(piece[:room])
            dropped += len(piece[room:])

        code = self.stream(command, keep, stdin, limit=limit, silence=limit, stop=stop)
        return Ran(code, b"".join(kept).decode("utf-8", "replace"), dropped)

    def stream(
        self,
        command: str,
        take: Callable[[bytes], None],
        stdin: Input = b"",
        *,
        limit: float,
        silence: float,
        stop: Callable[[], bool] = lambda: False,
    ) -> int:
        """Run a command and hand on its output as it comes; the exit code, -1 when `stop` said so.

        Raises SshFailure: TIME_LIMIT after `limit` seconds, CONNECTION_LOST when nothing came for `silence` seconds.
        """
        with self._channel() as channel:
            channel.exec_command(command)
            started = heard_at = time.monotonic()
            parts = [stdin] if isinstance(stdin, bytes | mmap) else stdin
            unsent = deque(memoryview(part) for part in parts if len(part))
            if not unsent:
                channel.shutdown_write()
            while True:
                now = time.monotonic()
                if stop():
                    return -1
                if now - started > limit:
                    sentence = f"{self._target.host} did not finish within {limit:.0f} s"
                    raise SshFailure(SshFault.TIME_LIMIT, sentence)
                sent = _send(channel, unsent)
                piece = _receive(channel, wait=not unsent)
                if piece:
                    take(piece)
                if piece or sent:
                    heard_at = now
                elif channel.exit_status_ready() and not channel.recv_ready():
                    return self._exit_code(channel)
                else:
                    self._expect_life(now - heard_at, silence)

    @contextmanager
    def _channel(self) -> Iterator[paramiko.Channel]:
        try:
            channel = self._transport.open_session(timeout=OPEN_SECONDS)
            channel.settimeout(LOOK_SECONDS)  # of each wait, to send and to receive
            channel.set_combine_stderr(True)
        except (paramiko.SSHException, OSError, EOFError) as failure:
            raise self._lost() from failure
        try:
            yield channel
        except (paramiko.SSHException, OSError, EOFError) as failure:
            raise self._lost() from failure
        finally:
            with suppress(paramiko.SSHException, OSError, EOFError):
                channel.close()

    def _exit_code(self, channel: paramiko.Channel) -> int:
        code: int = channel.recv_exit_status()
        if code == -1 and not self._transport.is_active():  # a lost connection looks like an end
            raise self._lost()
        return code

    def _expect_life(self, quiet_for: float, silence: float) -> None:
        # Only silence is judged here: the end of the channel or of the connection makes the exit status ready, and a
        # look at them now could find what came after the look at the exit status.
        if quiet_for > silence:
            raise self._lost()

    def _lost(self) -> SshFailure:
        return SshFailure(SshFault.CONNECTION_LOST, f"The connection to {self._target.host} was lost")


def _send(channel: paramiko.Channel, unsent: deque[memoryview]) -> bool:
    """Send as much as the other side takes soon, and say whether it took any; end the input after the last byte."""
    if not unsent:
        return False
    try:
        count = channel.send(bytes(unsent[0][:PACKET]))
    except TimeoutError:  # it takes nothing now
        return False
    except OSError:  # the command ended without reading all of it; a lost connection shows in the next look
        unsent.clear()
        return False
    rest = unsent.popleft()[count:]
    if len(rest):
        unsent.appendleft(rest)
    if not unsent:
        channel.shutdown_write()
    return count > 0


def _receive(channel: paramiko.Channel, *, wait: bool) -> bytes:
    """What has come, or comes soon."""
    if not wait and not channel.recv_ready():
        return b""
    try:
        piece: bytes = channel.recv(PIECE)
    except TimeoutError:
        return b""
    if not piece:  # nothing more comes but the exit code
        channel.status_event.wait(LOOK_SECONDS)
    return piece


class LineReader:
    """Bytes in, whole lines out: UTF-8 across pieces, `\\r` rewrites its line, ANSI codes stay for the page to draw."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""
        self._unfinished = 0  # bytes after the last line break
        self.grown = 0  # by how many bytes the unfinished line grew with the last piece

    def lines(self, piece: bytes) -> list[str]:
        """The lines that are complete now, without their ends."""
        before = self._unfinished
        cut = piece.rfind(b"\n")
        self._unfinished = len(piece) - cut - 1 if cut >= 0 else before + len(piece)
        self.grown = self._unfinished - before
        *whole, self._rest = (self._rest + self._decode(piece)).split("\n")
        return [line.rstrip("\r").rpartition("\r")[2] for line in whole]


@contextmanager
def shell(target: SshTarget, login: Login, heed: Callable[[], None] = lambda: None) -> Iterator[Shell]:
    """A shell on a machine whose host key is pinned. Raises SshFailure, or InvalidInput about the key.

    `heed` is called while the connection is made, and raises to give it up.
    """
    with entered(connected(target, login), heed) as transport:
        yield Shell(transport, target)
