"""A simulated behavioral-health EHR that speaks the contract (``ehr_contract/openapi.yaml``).  Imports nothing of ours.

``create_app(SimulatorSettings(...))`` gives the application, ``python -m therapyflows.simulator --data DIR`` runs it.
People, ids and logins of the seeded practice are listed in ``README.md`` beside this file.
"""

from therapyflows.simulator.server import create_app
from therapyflows.simulator.settings import SimulatorSettings

__all__ = ["SimulatorSettings", "create_app"]
