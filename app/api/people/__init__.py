"""People over HTTP: sessions, accounts, users, API tokens."""

from flask_smorest import Api

from app.api.people import account, session, tokens, users


def register(api: Api) -> None:
    """Add the routes."""
    for noun in (session, account, users, tokens):
        api.register_blueprint(noun.bp, url_prefix="/api")
