"""Agents over HTTP: what should run where, and what they say about themselves."""

from flask_smorest import Api

from app.api.agents import assignments, status


def register(api: Api, cluster: str) -> None:
    """Add the routes; those of the cluster below `cluster`."""
    api.register_blueprint(status.bp)
    api.register_blueprint(assignments.bp, url_prefix=cluster)
