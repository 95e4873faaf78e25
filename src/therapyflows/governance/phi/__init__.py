"""PHI boundary: what is an identifier, and the tokens that stand for it."""
