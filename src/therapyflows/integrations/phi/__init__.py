"""Presidio behind the PHI boundary."""
