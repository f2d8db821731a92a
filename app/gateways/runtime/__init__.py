"""The runtime that is sent to nodes."""
