"""Agents that wait for a human: what their nodes report, less what somebody has answered or dismissed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import func, text

from app.domain.agents.errors import ActionRefused, QuestionNotFound
from app.domain.agents.words import question_id
from app.domain.identity.actor import Actor
from app.extensions import db
from app.models import NodeCommand
from app.services import audit
from app.services.agents import nudging
from app.services.transaction import transaction

ANSWER = "agent_answer"  # the command
ANSWER_EXPIRES = timedelta(hours=1)  # then the question is open again

_WAITING = text("""
SELECT n.node_id, n.managed, r.key AS agent_id, r.value->>'name' AS name, r.value->'waiting' AS said
FROM cluster_nodes n, jsonb_each(n.agent_reports) r
WHERE jsonb_path_exists(n.agent_reports, '$.*.waiting') AND r.value ? 'waiting' AND NOT r.value ? 'absent'
ORDER BY (r.value->'waiting'->>'since')::timestamptz, n.node_id, r.key
""")
# An answer that the node did not take leaves the question open.
_CLOSED = text("""
SELECT q.id FROM closed_questions q LEFT JOIN node_commands c ON c.id = q.command_id
WHERE q.id = ANY(:ids) AND coalesce(c.ok, true)
""")
# Once: of two people who answer at the same time one is told that it is answered.
_CLOSE = text("""
INSERT INTO closed_questions AS q (id, agent_id, closed_by, command_id) VALUES (:id, :agent_id, :closed_by, :command_id)
ON CONFLICT (id) DO UPDATE SET closed_by = excluded.closed_by, closed_at = now(), command_id = excluded.command_id
WHERE EXISTS (SELECT FROM node_commands c WHERE c.id = q.command_id AND NOT c.ok)
RETURNING id
""")
_SAY = text("""
UPDATE cluster_nodes SET agent_reports = jsonb_set(agent_reports, ARRAY[:agent_id],
    (agent_reports->:agent_id) - CAST(:taken AS text[]) || CAST(:words AS jsonb))
WHERE node_id = :node_id AND NOT managed AND agent_reports ? :agent_id RETURNING node_id
""")


@dataclass(frozen=True)
class Question:
    """What an agent waits for somebody to say. `answerable`: a daemon is there that can pass an answer on."""

    id: UUID
    agent_id: str
    agent_name: str
    node_id: str
    question: str
    link: str | None
    since: str
    answerable: bool


def list_waiting() -> list[Question]:
    """Open questions of the whole fleet, oldest first."""
    with transaction():
        found = [_question(row) for row in db.session.execute(_WAITING)]
        closed = set(db.session.scalars(_CLOSED, {"ids": [one.id for one in found]}))
    return [one for one in found if one.id not in closed]


def answer(by: Actor, asked_id: UUID, said: str) -> None:
    """Send an answer to the agent's node. Raises QuestionNotFound, or ActionRefused where nobody can pass it on."""
    question = _find(asked_id)
    if not question.answerable:
        raise ActionRefused(f"{question.node_id} has no daemon to pass an answer on: answer the agent itself")
    with transaction() as after_commit:
        command = NodeCommand(id=uuid4(), node_id=question.node_id, kind=ANSWER, agent_id=question.agent_id)
        command.arguments = {"agentId": question.agent_id, "answer": said}
        command.expires_at = func.now() + ANSWER_EXPIRES
        db.session.add(command)
        db.session.flush()
        _close(by, question, command.id)
        audit.record(by, "agent.answer", question.agent_id)
        after_commit(lambda: nudging.nudge(question.node_id))


def dismiss(by: Actor, asked_id: UUID) -> None:
    """Take a question off the list; the agent is told nothing. Raises QuestionNotFound."""
    question = _find(asked_id)
    with transaction():
        _close(by, question, None)
        audit.record(by, "agent.dismiss", question.agent_id)


def say(by: Actor, agent_id: str, taken: list[str], words: dict[str, Any]) -> None:
    """Keep what an agent on a node without a daemon says of itself. Raises ActionRefused elsewhere."""
    told = {"agent_id": agent_id, "node_id": by.id, "taken": taken, "words": orjson.dumps(words).decode()}
    with transaction():
        if db.session.execute(_SAY, told).first() is None:
            raise ActionRefused("Say it to the node's own daemon (MUSTER_AGENT_URL), or report the agent first")


def _close(by: Actor, question: Question, command_id: UUID | None) -> None:
    values = {"id": question.id, "agent_id": question.agent_id, "closed_by": by.name, "command_id": command_id}
    if db.session.execute(_CLOSE, values).first() is None:
        raise QuestionNotFound


def _find(asked_id: UUID) -> Question:
    found = next((one for one in list_waiting() if one.id == asked_id), None)
    if found is None:
        raise QuestionNotFound
    return found


def _question(row: Any) -> Question:
    said = row.said
    asked_id = question_id(row.node_id, row.agent_id, said["since"], said["question"])
    name = row.name or row.agent_id
    told = (said["question"], said.get("link"), said["since"])
    return Question(asked_id, row.agent_id, name, row.node_id, *told, row.managed)
