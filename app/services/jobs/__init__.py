"""Jobs: ask for remote work, carry it out in a Celery worker, watch it, and make sure that it ends."""

from app.services.jobs.asking import cancel, request_ping, request_restart, request_test
from app.services.jobs.ending import end_overdue_jobs, ring_again
from app.services.jobs.log import LogLine, LogPage, log_after, read_log
from app.services.jobs.part_views import PartView
from app.services.jobs.reading import JobPage, JobView, StepView, get_job, list_jobs, wait_for
from app.services.jobs.running import run_job, stop_left

__all__ = [
    "JobPage",
    "JobView",
    "LogLine",
    "LogPage",
    "PartView",
    "StepView",
    "cancel",
    "end_overdue_jobs",
    "get_job",
    "list_jobs",
    "log_after",
    "read_log",
    "request_ping",
    "request_restart",
    "request_test",
    "ring_again",
    "run_job",
    "stop_left",
    "wait_for",
]
