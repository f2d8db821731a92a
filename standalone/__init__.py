"""Runs the whole of Muster on one machine: servers, processes and a local node, under one supervisor."""
