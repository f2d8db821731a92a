"""Accept heartbeats, many in one transaction; answer after the commit, announce after the answer is safe."""

from app.services.heartbeats.accepting import HeartbeatLane, accept, lane, pulse
from app.services.heartbeats.batch import Accepted, Arrival, write_beats

__all__ = ["Accepted", "Arrival", "HeartbeatLane", "accept", "lane", "pulse", "write_beats"]
