"""Verbs: one function each, one transaction each; commit first, announce after."""
