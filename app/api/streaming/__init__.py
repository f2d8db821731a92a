"""The live stream of the fleet."""
