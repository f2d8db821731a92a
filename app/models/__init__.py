"""What is stored: columns, constraints and indexes, with their reasons."""

from app.models.agent import AgentActivity
from app.models.control_plane import ControlPlane, WebProcess
from app.models.job import Job, NodeCommand
from app.models.node import NodeRow, NodeTransition

__all__ = ["AgentActivity", "ControlPlane", "Job", "NodeCommand", "NodeRow", "NodeTransition", "WebProcess"]
