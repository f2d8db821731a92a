"""The environment of an agent: sealed where it is stored, since it may hold secrets, and opened for its node only."""

from collections.abc import Mapping

import orjson
from sqlalchemy import select

from app.domain.identity.actor import Actor
from app.extensions import db
from app.gateways import sealed
from app.models import AgentRow
from app.services import audit
from app.services.transaction import transaction

PURPOSE = "agent-env"


def closed(agent_id: str, env: Mapping[str, str]) -> bytes | None:
    """An environment as it is stored; the seal is bound to the agent. Raises NotConfigured without a SECRET_KEY."""
    return sealed.seal(f"{PURPOSE}:{agent_id}", orjson.dumps(dict(env)).decode()) if env else None


def opened(row: AgentRow) -> dict[str, str]:
    """The environment again. Raises NotConfigured without the key."""
    found: dict[str, str] = orjson.loads(sealed.unseal(f"{PURPOSE}:{row.agent_id}", row.env)) if row.env else {}
    return found


def reseal(by: Actor) -> int:
    """Seal every environment with the present SECRET_KEY. Returns how many.

    Raises NotConfigured, and changes nothing, when one of them opens with neither key.
    """
    with transaction():
        chosen = select(AgentRow).where(AgentRow.env.is_not(None)).order_by(AgentRow.agent_id).with_for_update()
        rows = db.session.scalars(chosen).all()
        for row in rows:
            row.env = closed(row.agent_id, opened(row))
        audit.record(by, "secret-key.reseal", "agents", detail={"secrets": len(rows)})
    return len(rows)
