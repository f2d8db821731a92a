"""Log lines of every process: each with the id of the request that it is about."""

import logging
from contextvars import ContextVar

_REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")


class Record(logging.LogRecord):
    """A line of any logger, ours or a library's."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.request_id = request_id()

    def getMessage(self) -> str:  # noqa: N802 - a method of the standard library
        """The message as every handler writes it."""
        message = super().getMessage()
        return f"{message} [request {self.request_id}]" if self.request_id else message


def install() -> None:
    """Let every logger of this process make such lines, whatever its handlers and formats are."""
    logging.setLogRecordFactory(Record)


def begin_request(request_id: str) -> None:
    """From here on, lines of this greenlet or thread are about this request."""
    _REQUEST_ID.set(request_id)


def request_id() -> str:
    """The id of the request that is being answered; empty outside of one."""
    return _REQUEST_ID.get()
