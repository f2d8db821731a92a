"""A node: what it says, how it is judged, how it is found."""
