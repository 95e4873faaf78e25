"""Consent: what a client agreed to, and what follows from it."""
