"""Whether drafts are read before they are approved: counts, thresholds, warnings.  No content."""
