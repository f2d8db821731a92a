"""Take a node out of use: cordon it, tell what a step would hit, move its agents away."""

from app.services.draining.cordoning import cordon, end_cordons, uncordon
from app.services.draining.drains import go_on, request_drain
from app.services.draining.impact import Hit, impact

__all__ = ["Hit", "cordon", "end_cordons", "go_on", "impact", "request_drain", "sweep", "uncordon"]


def sweep() -> None:
    """What happens to nodes that are out of use because time passed."""
    end_cordons()
    go_on()
