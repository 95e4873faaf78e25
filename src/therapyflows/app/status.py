"""What ``therapyflows status`` shows: services that answer, events and drafts by state."""

from collections import Counter
from typing import Any

import httpx

from therapyflows.app.settings import Settings
from therapyflows.app.wiring import open_store_of_settings
from therapyflows.core.drafts.model import DraftState


def status_of(settings: Settings) -> dict[str, Any]:
    """Counts and addresses, no content."""
    store = open_store_of_settings()
    addresses = {
        "prefect": f"{settings.prefect_ui_url}/api/health",
        "gateway": f"{settings.gateway_url}/readyz",
        "review": f"{settings.review.base_url}/healthz",
        "ehr": settings.ehr.base_url,
    }
    states = Counter(record.state.value for record in store.drafts.in_state(list(DraftState)))
    return {
        "services": [(name, url, "yes" if _answers(url) else "no") for name, url in addresses.items()],
        "events": dict(store.inbox.counts()),
        "drafts": {state.value: states[state.value] for state in DraftState if states[state.value]},
    }


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=3).status_code < 500
    except httpx.HTTPError:
        return False
