"""A new machine draft with what the reviewer had written into the old one: nobody types a sentence twice."""

from dataclasses import replace

from therapyflows.core.ids import derived_id
from therapyflows.core.session_note.model import Draft, Statement, StatementKind
from therapyflows.core.session_note.review import find
from therapyflows.core.session_note.templates import load_template, section_for
from therapyflows.governance.evidence.model import overlaps


def carried_over(machine: Draft, working: Draft, fresh: Draft) -> Draft:
    """The working copy over ``fresh``: own words stand where the new draft says the same, else at the end of their
    section.  What was removed or kept is asked about again."""
    for own in (s for s in working.statements if s.kind is StatementKind.CLINICIAN):
        fresh = _with(fresh, own, find(machine, own.id))
    return fresh


def _with(fresh: Draft, own: Statement, drafted: Statement | None) -> Draft:
    same = next((s for s in fresh.statements if _says_the_same(s, own, drafted)), None)
    if same is not None:
        words = replace(own, id=same.id, section=same.section)
        return replace(fresh, statements=tuple(words if s is same else s for s in fresh.statements))
    template = load_template(fresh.format)
    known = {section.key for section in template.sections}
    section = own.section if own.section in known else section_for(template, "reported")
    line = replace(own, id=derived_id("own", own.id, own.text), section=section)
    at = max((i + 1 for i, s in enumerate(fresh.statements) if s.section == section), default=len(fresh.statements))
    return replace(fresh, statements=(*fresh.statements[:at], line, *fresh.statements[at:]))


def _says_the_same(statement: Statement, own: Statement, drafted: Statement | None) -> bool:
    """Whether this is the line that the reviewer had rewritten: the same words, or the same place of the source."""
    if drafted is None or statement.kind is StatementKind.CLINICIAN:
        return False
    if statement.kind is not drafted.kind:
        return False
    if (statement.unstyled or statement.text) == (drafted.unstyled or drafted.text):
        return True
    return any(overlaps(a, b) for a in statement.evidence for b in drafted.evidence)
