"""What becomes of daemons after they were installed: upgrades of one or many, and uninstalling."""

from app.services.lifecycle.asking import request_uninstall, request_upgrade
from app.services.lifecycle.rollouts import Asked, request_rollout
from app.services.lifecycle.uninstalling import note_uninstalled

__all__ = ["Asked", "note_uninstalled", "request_rollout", "request_uninstall", "request_upgrade"]
