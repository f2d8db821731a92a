"""Who asks for something: a person, a script, a node, the control plane itself, or nobody we know."""

from dataclasses import dataclass, replace
from enum import StrEnum

from app.domain.identity.permissions import Role


class ActorKind(StrEnum):
    """Kinds of actors, as the audit log names them."""

    USER = "user"
    TOKEN = "token"  # noqa: S105 - a kind of actor
    NODE = "node"
    SYSTEM = "system"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, from where. `id` is a user's, a token's or a node's id; `role` is None for nodes and for nobody."""

    kind: ActorKind
    id: str = ""
    name: str = ""
    role: Role | None = None
    address: str = ""
    request_id: str = ""
    user_id: str = ""  # the person behind a session or an API token
    capabilities: frozenset[str] | None = None  # what a node may claim to be capable of; None: anything

    @property
    def is_person(self) -> bool:
        """Whether a person or a person's script asks, so that roles apply."""
        return self.role is not None

    def at(self, address: str, request_id: str) -> "Actor":
        """The same actor, asking from this address with this request."""
        return replace(self, address=address, request_id=request_id)


SYSTEM = Actor(ActorKind.SYSTEM, name="control plane")
