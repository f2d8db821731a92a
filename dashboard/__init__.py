"""The dashboard's source, and the programs that build and check it."""
