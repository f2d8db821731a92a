"""A blueprint of routes about one agent."""

from typing import Any

from app.api.json_body import JsonBlueprint
from app.domain.agents.errors import AgentNotFound
from app.domain.nodes.heartbeat import AGENT_ID


class AgentBlueprint(JsonBlueprint):
    """Ids in its paths are possible ones; no agent can have another."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.url_value_preprocessor(_refuse_impossible_agent)


def _refuse_impossible_agent(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    agent_id = values.get("agent_id") if values else None
    if agent_id is not None and not AGENT_ID(agent_id):
        raise AgentNotFound
