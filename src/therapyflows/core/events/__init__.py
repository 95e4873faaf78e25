"""What happens to an event of the EHR: is it genuine, is it known, which flow does it start.  Knows ports only."""
