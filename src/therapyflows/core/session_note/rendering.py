"""The note as it is posted to the EHR, and the digest by which what stands there is compared with what was approved."""

import hashlib
import json
from collections.abc import Sequence

from therapyflows.core.chart import NoteSection
from therapyflows.core.session_note.model import Draft, Template


def render_sections(draft: Draft, template: Template) -> tuple[NoteSection, ...]:
    """Exactly what is posted: the template's sections in order, each statement a line of plain text.

    Statements of sections that the template does not know go to the last one.
    """
    known = {section.key for section in template.sections}
    last = template.sections[-1].key
    texts: dict[str, list[str]] = {section.key: [] for section in template.sections}
    for statement in draft.statements:
        text = " ".join(statement.text.split())
        if text:
            texts[statement.section if statement.section in known else last].append(text)
    return tuple(
        NoteSection(name=section.title, text="\n".join(texts[section.key]))
        for section in template.sections
        if texts[section.key]
    )


def digest_of(sections: Sequence[NoteSection], diagnosis_codes: Sequence[str], service_code: str | None) -> str:
    """``sha256:...`` of the note's content as canonical JSON.

    White space is squeezed and the order of the diagnosis codes kept: an EHR may re-wrap lines, but it may not change
    a word, a section's name or which diagnosis is first.
    """
    content = {
        "diagnosis_codes": [code.strip().upper() for code in diagnosis_codes],
        "sections": [{"name": _squeezed(section.name), "text": _squeezed(section.text)} for section in sections],
        "service_code": (service_code or "").strip().upper(),
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def _squeezed(text: str) -> str:
    return " ".join(text.split())
