"""Agents over HTTP: what should run where, and what they say about themselves."""

from flask_smorest import Api

from app.api.agents import acting, assignments, braking, logs, placement, registering, status, waiting


def register(api: Api, cluster: str) -> None:
    """Add the routes; those of the cluster below `cluster`."""
    api.register_blueprint(status.bp)
    for noun in (assignments, placement, registering, acting, logs, braking, waiting):
        api.register_blueprint(noun.bp, url_prefix=cluster)
