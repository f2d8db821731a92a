"""A real Celery worker."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from config import Settings
from tests.fleet import until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def celery_worker(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """A Celery worker as the Procfile starts it, only smaller; its log is yielded."""
    log = tmp_path / "celery.log"
    command = [sys.executable, "celery_worker.py", "--concurrency", "2"]
    urls = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    environment = {**os.environ, **urls, "NODE_CALLS_LOOPBACK": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        until(lambda: "ready." in log.read_text(), 30)
        yield log
    finally:
        process.terminate()
        process.wait(20)
