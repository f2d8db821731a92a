"""What agents write, for people who watch from the control plane: without secrets, in parts, as it comes."""
