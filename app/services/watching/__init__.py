"""What people watch: the history of usage, the timeline of the fleet, its agents, and the control plane itself."""
