"""Machines become nodes: over SSH, by a script, from a bundle."""
