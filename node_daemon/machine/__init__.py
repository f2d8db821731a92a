"""What the machine and its processes say about themselves."""
