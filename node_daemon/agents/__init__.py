"""The agents of this node: what should run, what runs, and keeping the two the same."""
