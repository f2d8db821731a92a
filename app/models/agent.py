"""What agents say about themselves."""

from datetime import datetime

from sqlalchemy import String, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.node import Instant


class AgentActivity(db.Model):
    """The last status message of one agent, wherever it runs."""

    __tablename__ = "agent_activity"

    agent_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    active_sessions: Mapped[int] = mapped_column(server_default="0")
    clocked_in: Mapped[bool] = mapped_column(server_default="false")
    current_activity: Mapped[str | None] = mapped_column(Text)
    reported_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = ({"postgresql_with": {"fillfactor": 70}},)
