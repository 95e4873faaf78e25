"""A call of a language model as the recorder leaves it behind."""

import json

from tests.web.review.conftest import World

from therapyflows.app.model_calls import About, ModelCallRecorder
from therapyflows.governance.audit.model import Action, Actor
from therapyflows.governance.phi.leaving import Place
from therapyflows.governance.retention.policy import Periods
from therapyflows.integrations.llm.guarded import ModelCall


def seed_model_call(world: World, *, user: str = "I met [CLIENT] on [DATE].", left: bool = True) -> str:
    """Recorded by the real recorder; returns the id of the call."""
    record = world.record()
    about = About(record.client_id, record.id, record.appointment_id)
    call = ModelCall(
        provider="azure",
        model="gpt-x",
        place=Place.COVERED_BY_BAA,
        purpose="draft_note",
        prompt_id="soap",
        prompt_version="3",
        fields=("transcript",),
        redacted=True,
        redaction="7",
        outcome="ok" if left else "unredacted_text",
        seconds=2.5,
        left=left,
        prompt_tokens=1200,
        output_tokens=300,
        replaced={"CLIENT": 4, "DATE": 2},
        sent=json.dumps({"system": "You draft notes.", "user": user}).encode() if left else b"",
    )
    ModelCallRecorder(world.store, Actor("service", "worker"), about, record.flow_run_id, Periods())(call)
    action = Action.MODEL_CALLED if left else Action.MODEL_REFUSED
    newest = world.store.audit.search(action=action, newest_first=True)[0]
    return newest.entry.resource.removeprefix("model_calls/")
