"""Standard measures: what answers score, what they mean, what changed.  Rules are data: ``core/rules/measures``."""
