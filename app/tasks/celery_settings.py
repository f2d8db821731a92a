"""How Celery is set: JSON only, no results, and limits that match what our tasks do."""

from typing import Any

from app.tasks.schedule import schedule
from config import Settings


def celery_settings(settings: Settings) -> dict[str, Any]:
    """The configuration of the Celery app."""
    return {
        "broker_url": settings.celery_broker,
        "broker_connection_retry_on_startup": True,
        "broker_transport": None
        if settings.celery_broker.startswith("amqp")
        else "app.gateways.redis_broker:Transport",
        "broker_transport_options": _transport_options(settings.celery_broker),
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_default_queue": "muster",
        "task_publish_retry": False,
        "worker_consumer": "app.tasks.consumer:CarefulConsumer",
        "worker_prefetch_multiplier": 1,
        "worker_send_task_events": True,
        "task_send_sent_event": True,
        "worker_hijack_root_logger": False,
        "timezone": "UTC",
        "beat_schedule": schedule(settings),
        # In memory: what is due follows from the start, and no file is left in the working folder.
        "beat_scheduler": "celery.beat:Scheduler",
    }


def _transport_options(broker_url: str) -> dict[str, Any]:
    options: dict[str, Any] = {"max_retries": 0}  # who sends a job waits for it: better a clear no than a pause
    if broker_url.startswith("amqp"):
        return options | {"confirm_publish": True}  # sent means that RabbitMQ has it
    return options | {
        "visibility_timeout": 900,  # longer than any task, or it would be started again beside itself
        "socket_timeout": 5,
        "socket_connect_timeout": 1,
    }
