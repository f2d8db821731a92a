"""What happens because time passed."""

from app.extensions import celery
from app.gateways import task_queue
from app.services import agents, draining, jobs, retention
from app.services.presence import silence
from app.services.watching import metrics


@celery.task(name=task_queue.CHECK_SILENCE, expires=30, acks_late=False)
def check_silence() -> None:
    """Announce nodes that went silent, end jobs that are overdue or done, ring again for those that nobody took."""
    silence.mark_silent_nodes()
    agents.sweep()
    draining.sweep()
    jobs.end_overdue_jobs()
    jobs.ring_again()


@celery.task(name=task_queue.GO_ON_DRAINING, expires=30, acks_late=False)
def go_on_draining() -> None:
    """Have the agents of nodes that are drained moved away."""
    draining.go_on()


@celery.task(name=task_queue.FORGET_OLD, expires=3600, acks_late=False)
def forget_old() -> None:
    """Delete what is too old to matter."""
    retention.forget_old()


@celery.task(name=task_queue.SAMPLE_METRICS, expires=25, acks_late=False)
def sample_metrics() -> None:
    """Keep a point of each node's usage."""
    metrics.sample()


@celery.task(name=task_queue.ROLL_UP_METRICS, expires=300, acks_late=False)
def roll_up_metrics() -> None:
    """Keep the means of the quarters of an hour that are over."""
    metrics.roll_up()
