"""Audit: the entry, its hash chain, signed checkpoints, and verification with the public key alone."""
