"""The failures that a caller can expect when agents are placed and acted on."""

from collections.abc import Sequence

from app.domain.errors import MusterError


class NodeNotManaged(MusterError):
    """No daemon of ours runs on the node, so that it cannot be told what to run."""

    code = "node_not_managed"

    def __init__(self, node_id: str) -> None:
        super().__init__(f"{node_id} has no Muster daemon: install it there, so that it can be told what to run")


class AgentNotFound(MusterError):
    """No agent has this id, or it has no row: nobody registered or adopted it."""

    code = "unknown_agent"

    def __init__(self, sentence: str = "Agent not found") -> None:
        super().__init__(sentence)


class QuestionNotFound(MusterError):
    """No open question has this id."""

    code = "unknown_question"

    def __init__(self) -> None:
        super().__init__("Nobody waits for this any more: it was answered, dismissed, or the agent went on")


class AgentExists(MusterError):
    """An agent with this id is registered or adopted already."""

    code = "agent_exists"

    def __init__(self, agent_id: str) -> None:
        super().__init__(f"An agent {agent_id} exists already: change that one, or choose another id")


class AgentNotAdoptable(MusterError):
    """The agent cannot be taken over as it is seen now; the sentence says why."""

    code = "agent_not_adoptable"


class AgentBusy(MusterError):
    """The agent is in the middle of something that this would disturb."""

    code = "agent_busy"


class ActionRefused(MusterError):
    """This cannot be done with the agent as it is; the sentence says why, and what can."""

    code = "action_refused"


class NoRoomForAgent(MusterError):
    """No node can take the agent, or not the one that was asked for. `reasons` are (node id, words after its name)."""

    code = "no_suitable_node"

    def __init__(self, summary: str, reasons: Sequence[tuple[str, str]]) -> None:
        super().__init__(f"No suitable node: {summary}")
        shown = [{"nodeId": node_id, "reason": reason} for node_id, reason in reasons[:20]]
        self.more = {"reason": summary, "reasons": shown}
