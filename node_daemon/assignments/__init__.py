"""What the control plane wants this node to run: told by revision, kept here, under a lease where it may move."""
