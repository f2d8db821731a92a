"""Actions on agents as jobs: what is wanted changes at once, and the job ends when a report of the node proves it."""

from app.services.agents.acts.asking import Asked, request, request_many
from app.services.agents.acts.looking import look, sweep

__all__ = ["Asked", "look", "request", "request_many", "sweep"]
