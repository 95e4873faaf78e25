"""One module per use case.  Loading any installs the PHI guard on every log handler of the flow run's process."""

from therapyflows.app.logging import configure_logging

configure_logging("worker")
