"""Pieces of text that people put into notes: a clinician's own, and templates of the practice."""
