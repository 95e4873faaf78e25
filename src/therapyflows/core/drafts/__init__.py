"""Every workflow's draft on its way: claimed, submitted, waiting, decided, woken, sent back, given up."""
