"""What an auditor reads: audit, PHI, evidence, access, consent, retention.  Pure; imports nothing of ours."""
