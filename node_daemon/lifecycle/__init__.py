"""How the daemon replaces its own program, and how it removes itself."""
