"""Log lines of every process: without secrets, and with the id of the request that they are about."""

import logging
import re
import sys
import traceback
from collections.abc import Iterable
from contextvars import ContextVar
from types import TracebackType

from app.domain.redaction import live_pattern, redact

_REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
_known: set[str] = set()


class Record(logging.LogRecord):
    """A line of any logger, ours or a library's, in the state in which every handler and format writes it."""

    live: "re.Pattern[str] | None" = None

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.request_id = request_id()

    def getMessage(self) -> str:  # noqa: N802 - a method of the standard library
        """The message without secrets."""
        message = redact(super().getMessage(), self.live)
        return f"{message} [request {self.request_id}]" if self.request_id else message

    @property
    def exc_text(self) -> str | None:
        """The traceback without secrets; the first format that needs it writes it here."""
        return self._exc_text

    @exc_text.setter
    def exc_text(self, text: str | None) -> None:
        self._exc_text = redact(text, self.live) if text else text


def install(secrets: Iterable[str]) -> None:
    """Let every logger of this process make such lines. `secrets` are values that none may hold, whatever it says."""
    _known.update(secrets)
    Record.live = live_pattern(_known)
    logging.setLogRecordFactory(Record)
    sys.excepthook = _say_uncaught


def begin_request(request_id: str) -> None:
    """From here on, lines of this greenlet or thread are about this request."""
    _REQUEST_ID.set(request_id)


def request_id() -> str:
    """The id of the request that is being answered; empty outside of one."""
    return _REQUEST_ID.get()


def _say_uncaught(kind: type[BaseException], failure: BaseException, trace: TracebackType | None) -> None:
    """What ends a process is told on its error output, past all loggers."""
    sys.stderr.write(redact("".join(traceback.format_exception(kind, failure, trace)), Record.live))
