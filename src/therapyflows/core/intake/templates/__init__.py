"""Message templates; a practice names its own file in the settings."""
