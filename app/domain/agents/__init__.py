"""An agent: what should run, what is seen, and where it may be placed."""
