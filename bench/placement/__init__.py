"""One decision where an agent goes, in a fleet of 10,000 nodes and 100,000 agents."""
