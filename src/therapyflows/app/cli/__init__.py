"""The command line ``therapyflows``: parse, call, print.  Every command explains itself with ``--help``."""

from therapyflows.app.cli.main import main

__all__ = ["main"]
