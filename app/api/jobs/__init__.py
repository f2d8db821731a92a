"""Jobs: what was asked for, how far it is, and its log."""
