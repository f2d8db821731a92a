"""What happens because time passed."""

from app.extensions import celery
from app.gateways import task_queue
from app.services import jobs, retention, silence


@celery.task(name=task_queue.CHECK_SILENCE, expires=30, acks_late=False)
def check_silence() -> None:
    """Announce nodes that went silent, and end jobs that are overdue."""
    silence.mark_silent_nodes()
    jobs.end_overdue_jobs()


@celery.task(name=task_queue.FORGET_OLD, expires=3600, acks_late=False)
def forget_old() -> None:
    """Delete what is too old to matter."""
    retention.forget_old()
