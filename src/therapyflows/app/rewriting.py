"""The language model of the review application: other words for a line, behind the PHI boundary and consent."""

from dataclasses import replace

from therapyflows.app.drafting import behind_the_boundary, language_model, llm_settings
from therapyflows.app.review import ChartLookup
from therapyflows.app.settings import Settings
from therapyflows.app.wiring import ehr_of, note_policy, now
from therapyflows.core.drafts.consent import require_before_call
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import ConsentMissing, Refused
from therapyflows.core.ports import LanguageModel
from therapyflows.governance.audit.model import Actor
from therapyflows.integrations.store import Store


class Rewriting:
    """Where a model is configured; each call asks for consent, is redacted and stands on record."""

    def __init__(self, settings: Settings, store: Store, chart: ChartLookup) -> None:
        self._settings, self._store, self._chart = settings, store, chart

    async def is_permitted(self, record: DraftRecord) -> bool:
        """Whether there is a model and the consents, the opt-outs and the draft allow to ask it now."""
        if language_model(await llm_settings(self._settings)) is None:
            return False
        try:
            await self._require(record.id)
        except (ConsentMissing, Refused):
            return False
        return True

    async def model(self, record: DraftRecord, actor: Actor) -> LanguageModel:
        """Raises Refused (``no_model``) and what the EHR does."""
        model = language_model(await llm_settings(self._settings))
        if model is None:
            raise Refused("no_model", "No language model is set up.")
        context = replace(await self._chart.chart(record), draft_id=record.id)
        return behind_the_boundary(
            model, self._settings, self._store, actor, record.flow_run_id, context, self._require
        )

    async def _require(self, draft_id: str) -> None:
        policy = note_policy(self._settings, await llm_settings(self._settings))
        async with ehr_of(self._settings, self._store, Actor("service", "review")) as ehr:
            await require_before_call(
                ehr, self._store.drafts, draft_id, leaves_machine=policy.model_leaves_machine, clock=now
            )
