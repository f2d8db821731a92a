"""How machines become nodes, over HTTP."""

from flask_smorest import Api

from app.api.admission import credentials, join_tokens, joining, refusals, waiting_room


def register(api: Api, cluster: str) -> None:
    """Add the routes; those of the cluster protocol below `cluster`."""
    api.register_blueprint(joining.bp, url_prefix=cluster)
    for noun in (join_tokens, credentials, refusals, waiting_room):
        api.register_blueprint(noun.bp, url_prefix="/api")
