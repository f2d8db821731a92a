"""A deploy that waits for a runner."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func

from app.domain.jobs import JobKind
from app.extensions import db
from app.models import Job


@pytest.fixture
def deploy(app: Flask) -> UUID:
    """A queued deploy."""
    job = Job(id=uuid4(), kind=JobKind.DEPLOY, target={"host": "h"}, deadline=func.now() + timedelta(minutes=10))
    db.session.add(job)
    db.session.commit()
    return job.id
