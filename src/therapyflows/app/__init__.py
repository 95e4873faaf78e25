"""The composition root: settings, wiring, logging, the command line."""
