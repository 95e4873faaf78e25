"""The command line ``therapyflows``: parse, call, print.  Every command explains itself with ``--help``."""
