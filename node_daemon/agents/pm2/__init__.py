"""Agents under PM2: its socket and its command line, how an agent is told to it, and the supervisor on top."""
