"""The node daemon: reports a machine to the control plane and keeps its agents running."""

__version__ = "0.1.0"
