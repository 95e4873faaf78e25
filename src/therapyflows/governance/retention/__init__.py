"""Retention: how long what is kept, and what survives deletion."""
