"""The Celery app for workers, beat and Flower."""

from app import create_app
from app.extensions import celery

flask_app = create_app(role="worker")

__all__ = ["celery", "flask_app"]
