"""What is stored: columns, constraints and indexes, with their reasons."""

from app.models.admission import JoinToken, Knock, NodeCredential, Refusal
from app.models.agent import AgentActivity, AgentEvent, AgentRow, ClosedQuestion
from app.models.audit import AuditEntry
from app.models.control_plane import CeleryWorker, ControlPlane, WebProcess
from app.models.job import HostKey, Job, JobLogLine, JobStep, NodeCommand, SetupReceipt
from app.models.metrics import MetricBlock
from app.models.node import NodeRow, NodeTransition
from app.models.person import ApiToken, Session, SignInGuess, SignInLink, User

__all__ = [
    "AgentActivity",
    "AgentEvent",
    "AgentRow",
    "ApiToken",
    "AuditEntry",
    "CeleryWorker",
    "ClosedQuestion",
    "ControlPlane",
    "HostKey",
    "Job",
    "JobLogLine",
    "JobStep",
    "JoinToken",
    "Knock",
    "MetricBlock",
    "NodeCommand",
    "NodeCredential",
    "NodeRow",
    "NodeTransition",
    "Refusal",
    "Session",
    "SetupReceipt",
    "SignInGuess",
    "SignInLink",
    "User",
    "WebProcess",
]
