"""The Celery app for workers, beat and Flower."""

import ctypes

from app import create_app
from app.extensions import celery

M_ARENA_MAX = -8  # glibc's own number

# As many heaps as threads ask for would each keep what deploys leave in it; other C libraries have one anyway.
if hasattr(libc := ctypes.CDLL(None), "mallopt"):
    libc.mallopt(M_ARENA_MAX, 2)

flask_app = create_app(role="worker")

__all__ = ["celery", "flask_app"]
