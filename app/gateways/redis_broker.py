"""Celery's way to Redis."""

from contextlib import suppress
from typing import Any

from kombu.transport import redis


class Channel(redis.Channel):  # type: ignore[misc]
    """Lets go of all that it holds when it is closed, also when Redis is gone.

    Kombu's own says goodbye to Redis first, and when that fails leaves its connections open and itself registered for
    the end of the process: two or three sockets and most of a megabyte for each Redis that went away.
    """

    def close(self) -> None:
        """End it. Raises what Redis, or its absence, does."""
        try:
            super().close()
        finally:
            self.closed = True
            self._disconnect_pools()
            if self._qos is not None:
                self._qos._on_collect.cancel()

    def _connparams(self, asynchronous: bool = False) -> Any:
        """Where Redis is. Raises ConnectionError once closed: a task that ends later may still want to say so."""
        if self.closed:  # the connection that knew the address is gone; kombu fails as if by a mistake of its own
            raise ConnectionError("This channel to Redis is closed")
        return super()._connparams(asynchronous)


class Transport(redis.Transport):  # type: ignore[misc]
    """Closes every one of its channels."""

    Channel = Channel

    def close_connection(self, connection: Any) -> None:
        """End all channels; what cannot be said to a Redis that is gone need not be said."""
        while self.channels or self._avail_channels:
            with suppress(*self.connection_errors, *self.channel_errors):
                super().close_connection(connection)
