"""Giving something about a client to somebody outside of the practice, and accounting for it."""
