"""Flask commands for those who run the control plane."""

import sys

import click
from flask import Flask, current_app

from app.gateways import leadership, task_queue

BEAT = (sys.executable, "-m", "celery", "-A", "celery_worker", "beat", "--loglevel", "INFO")


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(beat)


@click.command()
def beat() -> None:
    """Run Celery beat, as the only one: a second one waits until the first is gone."""
    url = current_app.extensions["settings"].database_url
    leadership.run_as_leader(url, BEAT, on_start=task_queue.send_check)
