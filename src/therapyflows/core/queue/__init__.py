"""What waits for whom, in which order: one queue per workflow.  Knows rows and counts, not SQL and not pages."""
