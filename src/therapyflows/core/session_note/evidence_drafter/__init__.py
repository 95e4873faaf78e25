"""Draft a note without any language model: select what was said, retell or quote it, file it, cite it.

::

    transcript ▸ turns ▸ cleaned clauses ▸ candidates (reported, answered, confirmed, interventions, formulation, plan)
               ▸ choice by salience and novelty ▸ statements filed by the template, each with its spans

It is the default, the fallback when a model is down, and the baseline that a model has to beat.
"""

from collections.abc import Sequence

from therapyflows.core.notices import Notice
from therapyflows.core.session_note.evidence_drafter.candidate import Candidate, choose
from therapyflows.core.session_note.evidence_drafter.clauses import Clause, clauses_of
from therapyflows.core.session_note.evidence_drafter.dictated import dictated, is_clinicians, is_monologue
from therapyflows.core.session_note.evidence_drafter.exchanges import answered, confirmed
from therapyflows.core.session_note.evidence_drafter.formulation import change_talk, goal_progress, themes
from therapyflows.core.session_note.evidence_drafter.inquiries import asked_about, unanswered
from therapyflows.core.session_note.evidence_drafter.interventions import interventions
from therapyflows.core.session_note.evidence_drafter.next_steps import next_steps
from therapyflows.core.session_note.evidence_drafter.readability import proper_words
from therapyflows.core.session_note.evidence_drafter.reported import reported
from therapyflows.core.session_note.evidence_drafter.risk_lines import asked_statements
from therapyflows.core.session_note.evidence_drafter.salience import Salience
from therapyflows.core.session_note.evidence_drafter.speech import Turn, turns_of
from therapyflows.core.session_note.evidence_drafter.third_person import pronouns_of
from therapyflows.core.session_note.filing import assemble
from therapyflows.core.session_note.guidance import wish_of
from therapyflows.core.session_note.model import Draft, SessionContext, Template, Transcript
from therapyflows.governance.evidence.words import words

DRAFTER = "evidence"
TRIVIAL_WORDS = 25
"""Below this many words there is no session to write about."""
SHORT = Notice("source_too_short", "The source holds hardly any words; the draft can say little.")
NO_SPEAKERS = Notice("speakers_unknown", "The source does not say who spoke; lines are quoted without a speaker.")


def draft_from_evidence(transcript: Transcript, context: SessionContext | None, template: Template) -> Draft:
    """The statements for this source.  ``context`` is what the chart knows; None when there is no chart.

    Codes and grades are not the drafter's business: ``codes.propose_*`` and ``checks.check_draft`` add them to any
    draft.
    """
    asked, asked_notices = asked_statements(transcript, template)
    said = {span.quote for statement in asked for span in statement.evidence}
    lines, notices = _lines(transcript, context, said)
    return Draft(
        format=template.key,
        drafter=DRAFTER,
        statements=assemble(template, context, asked, _without(lines, said)),
        warnings=(*asked_notices, *notices),
    )


def _without(lines: Sequence[Candidate], said: set[str]) -> list[Candidate]:
    """Lines whose words do not stand in a risk line already."""
    return [
        line
        for line in lines
        if not any(span.quote in quote or quote in span.quote for span in line.evidence for quote in said)
    ]


def _lines(
    transcript: Transcript, context: SessionContext | None, said: set[str]
) -> tuple[list[Candidate], tuple[Notice, ...]]:
    turns = turns_of(transcript.segments)
    total = sum(len(words(segment.text)) for segment in transcript.segments)
    if is_monologue(transcript):
        clinicians = is_clinicians(transcript)
        notices = () if clinicians or not total else (NO_SPEAKERS,)
        found = _dictated_lines(turns, clinicians, total)
        return found, notices if found else (*notices, SHORT)
    notices = (SHORT,) if total < TRIVIAL_WORDS else ()
    return _dialogue_lines(turns, context, total, said), notices


def _dictated_lines(turns: Sequence[Turn], clinicians: bool, total: int) -> list[Candidate]:
    lines = dictated(turns, clinicians=clinicians)
    return choose(lines, 60) if clinicians else choose(lines, _budget(total))


def _budget(total_words: int) -> int:
    """Lines for what the client reports: 4 for a few minutes, at most 13 for a full session."""
    return min(4 + total_words // 200, 13)


def _dialogue_lines(
    turns: Sequence[Turn], context: SessionContext | None, total: int, said: set[str]
) -> list[Candidate]:
    """All lines of a conversation; ``said`` are quotations that the risk and mental status lines hold already."""
    clauses: list[Clause] = clauses_of(turns)
    salience, proper = Salience(clauses), proper_words(turns)
    pronouns = pronouns_of(context.client.pronouns if context else None)
    share = wish_of(context.guidance).share if context else 1.0
    size = max(round(_budget(total) * share), 3)
    inquired = _without(asked_about(clauses, pronouns, proper), said)
    evaded = unanswered(clauses)
    asked = [line for line in answered(clauses, salience, pronouns, proper) if line.order not in evaded]
    planned = [*next_steps(clauses, salience, pronouns, proper), *(line for line in asked if line.topic == "plan")]
    plan = choose(planned, min(2 + size // 3, 6))
    answers = choose([line for line in inquired if line.topic == "reported"], size, taken=plan)
    responses = choose([line for line in inquired if line.topic == "response"], 3, taken=[*plan, *answers])
    motivated = change_talk(clauses, salience, [*plan, *answers, *responses])
    told = choose(
        [*reported(clauses, salience, pronouns, proper), *(line for line in asked if line.topic != "plan")],
        max(size + 2 - len(answers), 3),
        taken=[*plan, *motivated, *answers, *responses],
    )
    subjective = sorted([*answers, *told], key=lambda line: line.order)
    agreed = choose(
        confirmed(clauses, salience, pronouns, proper), 1 + size // 4, taken=[*subjective, *responses, *plan]
    )
    shown = [*subjective, *agreed, *responses, *plan]
    done = choose(
        interventions(clauses, salience, shown), max(2 + size // 3 - len(responses), 2), taken=[*plan, *responses]
    )
    progress = goal_progress(clauses, salience, context.plan if context else None)
    fixed = [*answers, *responses, *progress, *themes(clauses), *motivated, *plan]
    rest = _best([*told, *agreed, *done], round(_longest_note(total) * share) - len(fixed))
    return sorted([*fixed, *rest], key=lambda line: line.order)


def _longest_note(total_words: int) -> int:
    """Lines that a reviewer still reads: 16 for a short talk, 28 for a full session."""
    return min(14 + total_words // 250, 28)


def _best(lines: Sequence[Candidate], count: int) -> list[Candidate]:
    return sorted(lines, key=lambda line: -line.score)[: max(count, 0)]


__all__ = ["DRAFTER", "draft_from_evidence"]
