"""The neighbours: one file for each thing outside that we talk to, and nobody else imports its library."""
