"""Taking nodes and agents out of service, and what that hits."""
