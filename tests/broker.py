"""Celery is one object per process: point it at the Redis of the app under test."""

from app.extensions import celery


def use_broker(url: str) -> None:
    """Let it forget its connections, unless it has this address already."""
    if celery.conf.broker_url != url:
        celery.conf.broker_url = url
        celery._pool = celery.amqp._producer_pool = None
