"""What follows when a client's consent changes."""
