"""How the practice's drafts fare: counts, times and failures, and no content."""
