"""Access: who may do what, for which client."""
