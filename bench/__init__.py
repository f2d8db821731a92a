"""Measurements of our own. Nothing in here ships."""
