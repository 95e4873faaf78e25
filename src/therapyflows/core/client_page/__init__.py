"""What was done for one client: consents, drafts, what is kept, what was deleted, who looked."""
