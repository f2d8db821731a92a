"""History of usage."""

from datetime import datetime

from sqlalchemy import REAL, CheckConstraint, Index, Integer, SmallInteger, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.node import Instant


class MetricBlock(db.Model):
    """Points of one node over one hour (a step of 60 s) or one day (900 s), or of the fleet under the id `*`.

    Slot 1 is the point at `start`, slot 2 the one a step later; null, or beyond the end, is a gap. No index covers
    the arrays and pages keep room, so that the next point of a block is a HOT update (docs/decisions/0005).
    """

    __tablename__ = "metric_blocks"

    node_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    step: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    start: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    # Shares in hundredths of a percent.
    cpu: Mapped[list[int | None]] = mapped_column(ARRAY(SmallInteger))
    memory: Mapped[list[int | None]] = mapped_column(ARRAY(SmallInteger))
    disk: Mapped[list[int | None]] = mapped_column(ARRAY(SmallInteger))
    load: Mapped[list[float | None]] = mapped_column(ARRAY(REAL))
    # How many nodes the point is the mean of; only of the fleet.
    nodes: Mapped[list[int | None] | None] = mapped_column(ARRAY(Integer))

    __table_args__ = (
        CheckConstraint("step IN (60, 900)", name="step"),
        # Serves the roll-up and the forgetting, which look at all nodes of one time.
        Index(None, "step", "start"),
        {"postgresql_with": {"fillfactor": 50}},
    )
