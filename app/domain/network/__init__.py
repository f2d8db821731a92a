"""Addresses that may be called, and those that call."""
