"""Users."""

from typing import Any
from uuid import UUID

from flask import Response

from app.api import auth
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.action import RemovedSchema
from app.api.schemas.people import (
    NewUserSchema,
    SignInLinkSchema,
    UserChangeSchema,
    UserListSchema,
    UserSchema,
    WantedLinkSchema,
)
from app.api.schemas.search import SearchSchema
from app.domain.identity.permissions import Policy, allow
from app.domain.nodes.node import iso
from app.services.people import users

bp = JsonBlueprint("users", __name__, description="Users")


@bp.route("/users", methods=["GET"])
@bp.arguments(SearchSchema, location="query")
@bp.alt_response(200, schema=UserListSchema)
@allow(Policy.ADMIN)
def list_users(search: dict[str, Any]) -> Response:
    """All users, by name."""
    return json_response({"users": UserSchema(many=True).dump(users.list_users(search["q"]))})


@bp.route("/users", methods=["POST"])
@bp.arguments(NewUserSchema)
@bp.alt_response(201, schema=UserSchema)
@allow(Policy.ADMIN)
def create_user(said: dict[str, Any]) -> Response:
    """A new user, with the link for the first sign-in: it counts once, within a day."""
    made, link = users.create(auth.actor(), **said)
    return json_response({**UserSchema().dump(made), "signInLink": link.path}, 201)


@bp.route("/users/<uuid:user_id>", methods=["PATCH"])
@bp.arguments(UserChangeSchema)
@bp.alt_response(200, schema=UserSchema)
@allow(Policy.ADMIN)
def change_user(said: dict[str, Any], user_id: UUID) -> Response:
    """Change the role, disable or enable; it counts at once."""
    return json_response(UserSchema().dump(users.change(auth.actor(), user_id, **said)))


@bp.route("/users/<uuid:user_id>", methods=["DELETE"])
@bp.alt_response(200, schema=RemovedSchema)
@allow(Policy.ADMIN)
def remove_user(user_id: UUID) -> Response:
    """Remove a user with all sessions and API tokens."""
    users.remove(auth.actor(), user_id)
    return json_response({"removed": True})


@bp.route("/users/<uuid:user_id>/sign-in-link", methods=["POST"])
@bp.arguments(WantedLinkSchema, required=False)
@bp.alt_response(200, schema=SignInLinkSchema)
@allow(Policy.ADMIN)
def issue_sign_in_link(said: dict[str, Any], user_id: UUID) -> Response:
    """A link for somebody who is locked out; `reset` also forgets the password and the second factor."""
    link = users.issue_link(auth.actor(), user_id, **said)
    return json_response({"signInLink": link.path, "expiresAt": iso(link.expires_at)})
