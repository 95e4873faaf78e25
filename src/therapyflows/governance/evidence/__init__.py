"""Evidence: what a statement rests on, and the checks that grade it."""
