"""Transcripts and other uploaded documents."""
