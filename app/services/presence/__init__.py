"""Whether nodes are there: their starts, their silence, and each change of their status."""
