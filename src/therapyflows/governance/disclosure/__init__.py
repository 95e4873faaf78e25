"""Disclosures outside of the practice: which are allowed, what goes with them, which are accounted for."""
