"""What people watch, over HTTP."""
