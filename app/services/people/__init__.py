"""People: signing in, their accounts, and the tokens of their scripts."""
