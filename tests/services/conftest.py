"""Jobs without a Celery worker."""

import pytest
from flask import Flask

from app.gateways import task_queue


@pytest.fixture
def sent(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the jobs that were rung for; no Celery worker hears it here."""
    rung: list[str] = []
    monkeypatch.setattr(task_queue, "send_job", rung.append)
    return rung
