"""Prompts of the intake, as versioned data files."""
