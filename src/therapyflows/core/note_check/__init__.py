"""Check a finished note, whoever wrote it, against the transcript of its session."""
