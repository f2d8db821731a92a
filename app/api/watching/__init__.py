"""What people watch, over HTTP."""

from flask_smorest import Api

from app.api.watching import agents, events, health, metrics


def register(api: Api, cluster: str) -> None:
    """Add the routes; those of the fleet below `cluster`."""
    for noun in (metrics, events, agents):
        api.register_blueprint(noun.bp, url_prefix=cluster)
    api.register_blueprint(health.bp, url_prefix="/api")
