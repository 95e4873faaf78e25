"""What a clinician wants to know before a session, on one page.  No model has a part in it."""
