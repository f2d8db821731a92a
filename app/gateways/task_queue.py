"""Send work to Celery by name. A message is a hint that carries an id, never data and never a secret."""

from kombu.exceptions import OperationalError

from app.domain.errors import Unavailable
from app.extensions import celery

RUN_JOB = "jobs.run"
STOP_JOB = "jobs.stop"
NUDGE = "nodes.nudge"
GO_ON_DRAINING = "fleet.go_on_draining"
CHECK_SILENCE = "fleet.check_silence"
FORGET_OLD = "fleet.forget_old"
SAMPLE_METRICS = "fleet.sample_metrics"
ROLL_UP_METRICS = "fleet.roll_up_metrics"
NOT_SHOWN = "-"  # in the place of arguments, in messages, events, logs and Flower
NUDGE_EXPIRES = 10.0  # seconds; later the node has sent its heartbeat anyway
CHECK_EXPIRES = 30.0  # seconds; what a message sent by name does not say, the task's own options do not add


def send_job(job_id: str) -> None:
    """Ring for a queued job. Raises Unavailable when the broker does not take the message."""
    _send(RUN_JOB, [job_id], task_id=job_id)  # so that Flower and the logs name the job


def send_stop(job_id: str) -> None:
    """Ask to stop what a job left on its machine. Raises Unavailable when the broker does not take the message."""
    _send(STOP_JOB, [job_id])


def send_nudge(node_id: str) -> None:
    """Have a node asked for an early heartbeat. Raises Unavailable when the broker does not take the message."""
    _send(NUDGE, [node_id], expires=NUDGE_EXPIRES)


def send_draining() -> None:
    """Have drains go on now. Raises Unavailable when the broker does not take the message."""
    _send(GO_ON_DRAINING, [], expires=CHECK_EXPIRES)


def send_check() -> None:
    """Ask for a stale check now, as beat does when it becomes the leader."""
    _send(CHECK_SILENCE, [], expires=CHECK_EXPIRES)


def _send(name: str, arguments: list[str], **options: object) -> None:
    shown = {"argsrepr": NOT_SHOWN, "kwargsrepr": NOT_SHOWN}
    try:
        celery.send_task(name, args=arguments, ignore_result=True, retry=False, **shown, **options)
    except OperationalError as failure:
        raise Unavailable("Redis does not take the task; try again in a few seconds") from failure
