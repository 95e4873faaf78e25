"""Speech recognition and speakers."""
