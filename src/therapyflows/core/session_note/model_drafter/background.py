"""What the chart adds to a prompt: how to speak of the client, the plan's goals, what the last note planned."""

from collections.abc import Callable, Iterator

from therapyflows.core.session_note.model import SessionContext, Template
from therapyflows.core.session_note.model_drafter.source_lines import one_line

_SHARE = 10
"""The background may take one part in so many of the model's context."""
_FRAME = "Background from the chart (for relevance only; it is not evidence and is not to be retold):"


def background(context: SessionContext | None, context_tokens: int, count: Callable[[str], int]) -> str:
    """Lines in order of worth, as many as fit their share.  Empty without a chart."""
    lines: list[str] = []
    for line in _lines(context) if context else ():
        if count("\n".join((_FRAME, *lines, line))) > context_tokens // _SHARE:
            break
        lines.append(line)
    return "\n".join((_FRAME, *lines)) if lines else ""


def _lines(context: SessionContext) -> Iterator[str]:
    if context.client.pronouns:
        yield f"- The client's pronouns: {one_line(context.client.pronouns)}"
    yield f"- Session type: {context.appointment.session_type}"
    for goal in context.plan.goals if context.plan else ():
        yield f"- Goal of the treatment plan: {one_line(goal.text)}"
    for section in context.previous_note.draft_content if context.previous_note else ():
        if section.name.strip().lower() == "plan":
            yield f"- Planned last time: {one_line(section.text)}"


def section_guide(template: Template) -> str:
    """The template's sections for a prompt: key and what belongs there."""
    return "\n".join(f"- {section.key}: {section.guidance}" for section in template.sections)
