"""What agents need on a node, put together here: Node.js, PM2 and the agent package."""

from app.gateways.runtime.recipe import files
from app.gateways.runtime.workshop import Workshop

__all__ = ["Workshop", "files"]
