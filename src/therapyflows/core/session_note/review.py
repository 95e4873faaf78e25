"""What a reviewer does to a draft, as pure functions: each takes the working copy and returns the next one.

The machine's draft is never changed; it is passed along so that a text typed back to what the machine wrote counts as
the machine's again.  Raises NotFound for a statement that is not there, Invalid for a text that cannot stand in a note.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace

from therapyflows.core.errors import Invalid, NotFound
from therapyflows.core.ids import derived_id, new_id
from therapyflows.core.session_note.beside_the_chart import is_excusable
from therapyflows.core.session_note.evidence_drafter.risk_lines import quoted
from therapyflows.core.session_note.model import Draft, Excuse, Statement, StatementKind
from therapyflows.core.session_note.templates import load_template, section_for
from therapyflows.governance.evidence.model import Grade
from therapyflows.governance.evidence.whole.model import NoteFinding

MAX_STATEMENT_CHARS = 4000


_TOPICS = {
    "omitted_risk": "risk_disclosure",
    "omitted_safety_plan": "plan",
    "omitted_homework": "plan",
    "omitted_diagnosis": "history",
}
"""Where a line that was left out belongs; else to what was reported."""


def find(draft: Draft, statement_id: str) -> Statement | None:
    return next((s for s in draft.statements if s.id == statement_id), None)


def needs_decision(statement: Statement) -> bool:
    """Whether approval waits for the reviewer to edit, remove or explicitly keep this statement."""
    doubtful = statement.grade in (Grade.UNSUPPORTED, Grade.CONTRADICTED)
    asks = statement.kind == StatementKind.NOT_ASSESSED or statement.grade == Grade.NOT_ASSESSED
    return doubtful and not asks and not statement.kept and statement.kind != StatementKind.CLINICIAN


def open_statements(draft: Draft) -> tuple[Statement, ...]:
    return tuple(s for s in draft.statements if needs_decision(s))


def grade_counts(draft: Draft) -> dict[str, int]:
    """How many statements carry each grade; the reviewer's own words count as ``clinician``."""
    own = StatementKind.CLINICIAN
    return dict(Counter("clinician" if s.kind == own else s.grade.value for s in draft.statements))


def edit_statement(draft: Draft, machine: Draft, statement_id: str, text: str) -> Draft:
    """Put the reviewer's words in place; evidence stays linked.  Unchanged text changes nothing."""
    current = _require(draft, statement_id)
    words = _clean(text)
    if words == current.text:
        return draft
    drafted = find(machine, statement_id)
    if drafted is not None and words == drafted.text:
        return _swap_in(draft, replace(drafted, evidence=drafted.evidence))
    return _swap_in(
        draft, replace(current, text=words, kind=StatementKind.CLINICIAN, kept=False, judged=None, unstyled=None)
    )


def keep_statement(draft: Draft, statement_id: str, *, kept: bool = True) -> Draft:
    return _swap_in(draft, replace(_require(draft, statement_id), kept=kept))


def remove_statement(draft: Draft, statement_id: str) -> Draft:
    _require(draft, statement_id)
    return replace(draft, statements=tuple(s for s in draft.statements if s.id != statement_id))


def restore_statement(draft: Draft, machine: Draft, statement_id: str) -> Draft:
    """The machine's statement again, at the place where the machine had it."""
    drafted = _require(machine, statement_id)
    if find(draft, statement_id) is not None:
        return _swap_in(draft, drafted)
    order = [s.id for s in machine.statements]
    earlier = set(order[: order.index(statement_id)])
    at = max((i + 1 for i, s in enumerate(draft.statements) if s.id in earlier), default=0)
    return replace(draft, statements=(*draft.statements[:at], drafted, *draft.statements[at:]))


def add_statement(draft: Draft, section: str, text: str, *, known: Iterable[str]) -> Draft:
    """A line of the reviewer's own, at the end of its section; ``known`` are the sections of the note format."""
    if section not in sections_of(draft, known):
        raise Invalid("section_unknown", "The note has no such section.")
    line = Statement(id=new_id("own"), section=section, text=_clean(text), kind=StatementKind.CLINICIAN)
    at = max((i + 1 for i, s in enumerate(draft.statements) if s.section == section), default=len(draft.statements))
    return replace(draft, statements=(*draft.statements[:at], line, *draft.statements[at:]))


def add_omission(draft: Draft, finding: NoteFinding) -> Draft:
    """What the note leaves out, in the words of the source, as a statement; asked again, it changes nothing."""
    span = finding.spans[0]
    line = Statement(
        id=derived_id("add", finding.key),
        section=section_for(load_template(draft.format), _TOPICS.get(finding.code, "reported")),
        text=f"From the session: {quoted(span.quote)}.",
        kind=StatementKind.RISK if finding.code == "omitted_risk" else StatementKind.REPORTED,
        evidence=(span,),
        grade=Grade.SUPPORTED,
        reasons=("quoted from the source",),
    )
    if find(draft, line.id) is not None:
        return draft
    at = max((i + 1 for i, s in enumerate(draft.statements) if s.section == line.section), default=0)
    return replace(draft, statements=(*draft.statements[:at], line, *draft.statements[at:]))


def excuse(draft: Draft, finding: NoteFinding, reason: str) -> Draft:
    """File the note although the chart says something else, because of this reason."""
    if not is_excusable(finding):
        raise Invalid("not_excusable", "This cannot be filed as it is; correct the note or reject it.")
    return replace(draft, excused=(*_without(draft, finding.key), Excuse(finding.key, _clean(reason))))


def take_back_excuse(draft: Draft, key: str) -> Draft:
    return replace(draft, excused=_without(draft, key))


def _without(draft: Draft, key: str) -> tuple[Excuse, ...]:
    return tuple(found for found in draft.excused if found.finding != key)


def choose_codes(draft: Draft, machine: Draft, chosen: Collection[str]) -> Draft:
    """Keep exactly the proposed codes named in ``chosen`` (``cpt:90834``), in the order of the proposal."""
    known = {f"{c.system}:{c.code}": c for c in (*machine.codes, *draft.codes)}
    strangers = set(chosen) - set(known)
    if strangers:
        raise Invalid("unknown_code", "Only proposed codes can be ticked.", count=len(strangers))
    return replace(draft, codes=tuple(code for key, code in known.items() if key in chosen))


def after_recheck(before: Draft, checked: Draft) -> Draft:
    """The checked draft; the reviewer's own statements stay, and a kept one whose grade moved is asked about again."""
    old = {s.id: s for s in before.statements}
    return replace(checked, statements=tuple(_merge(old.get(s.id), s) for s in checked.statements))


def removed_statements(draft: Draft, machine: Draft) -> tuple[Statement, ...]:
    present = {s.id for s in draft.statements}
    return tuple(s for s in machine.statements if s.id not in present)


def count_edits(draft: Draft, machine: Draft) -> int:
    """By how many edits the draft differs from the machine's: lines changed, added and removed, codes ticked anew."""
    ours, theirs = {s.id: s for s in draft.statements}, {s.id: s for s in machine.statements}
    lines = sum(
        key not in ours or key not in theirs or ours[key].text != theirs[key].text
        for key in ours.keys() | theirs.keys()
    )
    chosen, proposed = ({(c.system, c.code) for c in made.codes} for made in (draft, machine))
    return lines + len(chosen ^ proposed)


def sections_of(draft: Draft, template_sections: Iterable[str]) -> tuple[str, ...]:
    """Section keys in reading order: the template's, then any that only the draft knows."""
    return tuple(dict.fromkeys((*template_sections, *(s.section for s in draft.statements))))


def _merge(old: Statement | None, new: Statement) -> Statement:
    if old is None:
        return new
    if old.kind == StatementKind.CLINICIAN:
        return old
    return replace(new, kept=old.kept and old.grade == new.grade)


def _require(draft: Draft, statement_id: str) -> Statement:
    statement = find(draft, statement_id)
    if statement is None:
        raise NotFound("statement_unknown", "This statement is not in the draft any more.")
    return statement


def _swap_in(draft: Draft, statement: Statement) -> Draft:
    return replace(draft, statements=tuple(statement if s.id == statement.id else s for s in draft.statements))


def _clean(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise Invalid("statement_empty", "A statement needs words; remove it if it should not stand in the note.")
    if len(words) > MAX_STATEMENT_CHARS:
        raise Invalid("statement_too_long", "A statement may have 4000 characters at most.", characters=len(words))
    return words
