"""Whether somebody may call a route."""

from app.domain.errors import ForeignCredential, NotPermitted, SignInRequired
from app.domain.identity.actor import Actor, ActorKind
from app.domain.identity.permissions import FOR_NODES, ROLE_FOR, Policy


def admit(policies: frozenset[Policy], actor: Actor, node_id: str | None) -> None:
    """Let the actor pass, or raise SignInRequired or NotPermitted. `node_id` is the node that the route is about.

    A route for nodes whose path names none is judged by its verb, which reads the id from the message.
    """
    if Policy.PUBLIC in policies:
        return
    if actor.kind is ActorKind.NODE and policies & FOR_NODES:
        if node_id not in (None, actor.id):
            raise ForeignCredential(actor.id, node_id or "")
        return
    wanted = [ROLE_FOR[policy] for policy in policies if policy in ROLE_FOR]
    if actor.role is not None and any(actor.role.covers(role) for role in wanted):
        return
    if actor.kind is ActorKind.NOBODY:
        raise SignInRequired
    if not wanted:
        raise NotPermitted("Only the node itself may do this, with its own credential")
    least = min(wanted, key=lambda role: sum(role.covers(other) for other in wanted))
    standing = f"you are {_article(actor.role)}" if actor.role else "a node's credential is good for its own node only"
    raise NotPermitted(f"This needs the {least} role; {standing}")


def _article(role: str) -> str:
    return f"an {role}" if role[0] in "aeiou" else f"a {role}"
