"""Data checks over frames."""
