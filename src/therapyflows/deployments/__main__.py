"""``python -m therapyflows.deployments``: what ``therapyflows deploy`` runs."""

from therapyflows.deployments.deploy import main

main()
