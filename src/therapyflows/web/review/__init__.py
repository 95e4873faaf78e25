"""Review: where a clinician reads, corrects and decides."""
