"""The whole control plane on one machine: what it costs as the fleet grows, and how it takes a fleet back."""
