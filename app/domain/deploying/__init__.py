"""How a machine becomes a node from afar: what is asked for, what is found there, what is written, what it says."""
