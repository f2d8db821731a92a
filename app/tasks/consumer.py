"""Takes messages from the broker. One that cannot be read is refused like one that asks for nothing we have."""

from collections.abc import Callable
from functools import partial
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
            message.ack_log_error = partial(_settle, message, message.ack)
            message.reject_log_error = partial(_settle, message, message.reject)
            try:
                _check(message)
                return handle(message)
            except MALFORMED as fault:
                return self.on_invalid_task(None, message, fault)

        return handle_or_refuse


def _settle(message: Any, say: Callable[..., None], _log: object, errors: Any, *options: Any, **named: Any) -> None:
    """Say to the broker what became of a message. Raises what Celery would log, so that the connection is made anew.

    Each message that Redis did not hear about takes one of the few places of this connection, for ever: with the last
    of them gone, a Celery worker that lost four words to a Redis that hung took no message again.
    """
    try:
        say(*options, **named)
    except errors:
        # With a closed channel its places are gone, and RabbitMQ closes it with the connection.
        if not getattr(message.channel, "closed", True):
            raise


def _check(message: Any) -> None:
    """What Celery finds out only when a thread has the task; then nobody takes the message back."""
    arguments, named, options = message.payload
    kinds = ((arguments, list), (named, dict), (options, dict), (message.headers["id"], str))
    if not all(isinstance(value, kind) for value, kind in kinds):
        raise InvalidTaskError("its parts are of the wrong type")
