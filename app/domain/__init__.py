"""Rules in plain Python: no database, no request, no clock; the standard library only."""
