"""A long session fits a small model: facts of each stretch, then the note from the facts."""

import re
from dataclasses import replace

import pytest

from therapyflows.core.prompt import Prompt
from therapyflows.core.session_note.model import Draft, StatementKind, Template, Transcript
from therapyflows.core.session_note.model_drafter import draft_with_model
from therapyflows.core.session_note.model_drafter.source_lines import stretches
from therapyflows.governance.evidence.model import Speaker
from therapyflows.integrations.llm.scripted import SCRIPTED, ScriptedModel
from therapyflows.integrations.llm.tokens import estimate_tokens

from .conftest import facts, line, note, transcript_of

EMPTY = Draft("soap", "evidence", ())


def session(words: int) -> Transcript:
    """About so many words in turns of 30."""
    told = "I keep thinking about work at night, number {n}, and then the whole next day is ruined for me, you know."
    turns = tuple(
        ("therapist" if n % 3 == 0 else "client", told.format(n=n)) for n in range(words // len(told.split()))
    )
    return transcript_of(turns)


def honest(prompt: Prompt) -> str:
    """Answers as a good model would: a fact about a line it was shown, a statement about a fact it was given."""
    ids = re.findall(r"^(s\d+)", prompt.user, re.MULTILINE)
    if prompt.id == "session_facts":
        return facts(*(line(text=f"Client reports worry {i}.", segments=[i], quote=None) for i in ids[:3]))
    return note(*(line(text=f"Client reports worry about work, {i}.", segments=[i], quote=None) for i in ids[:4]))


@pytest.mark.parametrize(("context_tokens", "words"), [(8192, 10_000), (2048, 10_000)])
async def test_every_prompt_of_a_long_session_fits(template: Template, context_tokens: int, words: int) -> None:
    model = ScriptedModel([honest] * 400, info=replace(SCRIPTED, context_tokens=context_tokens, on_device=True))
    done: list[float] = []
    draft = await draft_with_model(
        model, session(words), None, template, fallback=lambda: EMPTY, on_progress=done.append
    )
    assert draft.fallback_from is None
    assert draft.prompt_version == "session_facts@2+session_note_from_facts@3"
    for prompt in model.history:
        used = estimate_tokens(prompt.system) + estimate_tokens(prompt.user) + prompt.max_output_tokens
        assert used < context_tokens
    assert any(s.kind is StatementKind.REPORTED for s in draft.statements)
    assert done == sorted(done)
    assert done[-1] == 1.0


async def test_every_line_of_the_session_is_shown_once(template: Template) -> None:
    model = ScriptedModel([honest] * 400)
    transcript = session(9_000)
    await draft_with_model(model, transcript, None, template, fallback=lambda: EMPTY)
    shown = [
        segment_id
        for prompt in model.history
        if prompt.id == "session_facts"
        for segment_id in re.findall(r"^(s\d+) \|", prompt.user, re.MULTILINE)
    ]
    assert shown == [segment.id for segment in transcript.segments]


async def test_a_fact_may_cite_only_what_its_stretch_showed(template: Template) -> None:
    def wanders(prompt: Prompt) -> str:
        if prompt.id == "session_facts":
            ids = re.findall(r"^(s\d+) \|", prompt.user, re.MULTILINE)
            elsewhere = "s1" if "s1" not in ids else "s400"
            return facts(line(segments=[ids[0]]), line(text="Client reports Spain.", segments=[elsewhere]))
        assert "Spain" not in prompt.user
        return honest(prompt)

    model = ScriptedModel([wanders] * 400)
    draft = await draft_with_model(model, session(9_000), None, template, fallback=lambda: EMPTY)
    assert draft.fallback_from is None
    assert "statements_without_evidence_removed" in [n.code for n in draft.warnings]


async def test_the_quote_of_a_fact_locates_the_statement(template: Template) -> None:
    def quoting(prompt: Prompt) -> str:
        if prompt.id == "session_facts":
            first = re.findall(r"^(s\d+) \| client", prompt.user, re.MULTILINE)[0]
            return facts(line(segments=[first], quote="the whole next day is ruined for me"))
        return honest(prompt)

    draft = await draft_with_model(
        ScriptedModel([quoting] * 99), session(9_000), None, template, fallback=lambda: EMPTY
    )
    quotes = {span.quote for s in draft.statements for span in s.evidence}
    assert quotes == {"the whole next day is ruined for me"}


async def test_facts_that_do_not_fit_are_counted_and_the_weighty_ones_stay(template: Template) -> None:
    def talkative(prompt: Prompt) -> str:
        if prompt.id != "session_facts":
            return honest(prompt)
        ids = re.findall(r"^(s\d+) \|", prompt.user, re.MULTILINE)
        long = "Client reports a rather long worry about work and sleep and family and money and everything else"
        written = [line(text=f"{long} {i}.", segments=[i], quote=None, weight=1) for i in ids]
        written[0] = {**written[0], "text": f"Client reports the weighty matter {ids[0]}.", "weight": 3}
        return facts(*written[:9])

    model = ScriptedModel([talkative] * 400, info=replace(SCRIPTED, context_tokens=2048))
    draft = await draft_with_model(model, session(10_000), None, template, fallback=lambda: EMPTY)
    assert "facts_left_out" in [n.code for n in draft.warnings]
    notes = "".join(p.user for p in model.history if p.id == "session_note_from_facts")
    shown = [int(number) for number in re.findall(r"weighty matter s(\d+)", notes)]
    assert shown == sorted(shown)
    assert shown[0] < 100 < 300 < shown[-1], "from all over the session"
    assert "rather long worry" not in notes


def test_a_dictation_in_one_turn_is_cut_between_sentences() -> None:
    one_turn = transcript_of((("therapist", "The client slept badly this week. " * 300),))
    cut = stretches(one_turn, 200, estimate_tokens)
    assert len(cut) > 10
    assert all(estimate_tokens("\n".join(lines)) <= 200 for lines in cut)
    assert all(text.startswith(f"s1 | {Speaker.THERAPIST} | The client") for lines in cut for text in lines)


async def test_a_context_that_is_too_small_falls_back(template: Template) -> None:
    model = ScriptedModel([honest] * 9, info=replace(SCRIPTED, context_tokens=512))
    draft = await draft_with_model(model, session(900), None, template, fallback=lambda: EMPTY)
    assert draft.warnings[0].code == "model_unavailable"
    assert model.history == []
