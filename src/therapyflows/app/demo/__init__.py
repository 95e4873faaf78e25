"""``therapyflows demo``: the whole system on this machine, and one session played through it."""
