"""Takes messages from the broker. One that cannot be read is refused like one that asks for nothing we have."""

from collections.abc import Callable
from typing import Any

from celery.exceptions import InvalidTaskError
from celery.worker.consumer import Consumer
from kombu.exceptions import ContentDisallowed, DecodeError

MALFORMED = (ContentDisallowed, DecodeError, InvalidTaskError, AttributeError, LookupError, TypeError, ValueError)


class CarefulConsumer(Consumer):  # type: ignore[misc]
    """Goes on where Celery's own would end its process.

    That would put the message back, so that it ended the next process too, and no job would ever run again.
    """

    def create_task_handler(self, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
        """What is called with each message."""
        handle = super().create_task_handler(*args, **kwargs)

        def handle_or_refuse(message: Any) -> Any:
            try:
                _check(message)
                return handle(message)
            except MALFORMED as fault:
                return self.on_invalid_task(None, message, fault)

        return handle_or_refuse


def _check(message: Any) -> None:
    """What Celery finds out only when a thread has the task; then nobody takes the message back."""
    arguments, named, options = message.payload
    kinds = ((arguments, list), (named, dict), (options, dict), (message.headers["id"], str))
    if not all(isinstance(value, kind) for value, kind in kinds):
        raise InvalidTaskError("its parts are of the wrong type")
