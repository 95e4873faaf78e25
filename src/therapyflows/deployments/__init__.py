"""Which flow runs when and on what."""
