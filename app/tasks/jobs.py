"""Remote work, and what makes it quick."""

from uuid import UUID

from app.extensions import celery
from app.gateways import task_queue
from app.services import jobs
from app.services.agents import nudging


@celery.task(name=task_queue.RUN_JOB, acks_late=True)
def run_job(job_id: str) -> None:
    """Carry out one job; its deadlines are its own, since a threads pool knows no time limits."""
    jobs.run_job(UUID(job_id))


@celery.task(name=task_queue.STOP_JOB, expires=60, acks_late=True)
def stop_job(job_id: str) -> None:
    """Stop what a job left on its machine when it was ended from here."""
    jobs.stop_left(UUID(job_id))


@celery.task(name=task_queue.NUDGE, expires=10, acks_late=False)
def nudge(node_id: str) -> None:
    """Ask a node for an early heartbeat."""
    nudging.call(node_id)
