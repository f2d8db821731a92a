"""How machines become nodes: join tokens, joining, credentials, refusals, the waiting room."""
