"""Take a node out of use: cordon it, tell what a step would hit, move its agents away."""

from app.services.draining.cordoning import cordon, end_cordons, uncordon

__all__ = ["cordon", "end_cordons", "uncordon"]
