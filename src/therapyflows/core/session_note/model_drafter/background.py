"""What the chart adds to a prompt: how to speak of the client, the plan's goals, what the last note planned."""

from collections.abc import Callable, Iterator

from therapyflows.core.prompt import PromptField
from therapyflows.core.session_note.model import SessionContext, Template
from therapyflows.core.session_note.model_drafter.source_lines import one_line
from therapyflows.governance.phi.leaving import material_of

_SHARE = 10
"""The background may take one part in so many of the model's context; a reviewer's guidance stays in any case."""
_PLACE = "background"


def background(
    context: SessionContext | None, context_tokens: int, count: Callable[[str], int]
) -> tuple[PromptField, ...]:
    """Fields in order of worth, as many as fit their share.  Empty without a chart."""
    if context is None:
        return ()
    fields = [*_guidance(context)]
    for field in _fields(context):
        if count("\n".join((*(shown.text for shown in fields), field.text))) > context_tokens // _SHARE:
            break
        fields.append(field)
    return tuple(fields)


def _guidance(context: SessionContext) -> Iterator[PromptField]:
    if context.guidance:
        yield PromptField("guidance", f"- {one_line(context.guidance)}", "guidance")


def _fields(context: SessionContext) -> Iterator[PromptField]:
    if context.client.pronouns:
        yield PromptField("pronouns", f"- The client's pronouns: {one_line(context.client.pronouns)}", _PLACE)
    yield PromptField("session_type", f"- Session type: {context.appointment.session_type}", _PLACE)
    for goal in context.plan.goals if context.plan else ():
        yield PromptField("plan_goals", f"- Goal of the treatment plan: {one_line(goal.text)}", _PLACE)
    note = context.previous_note
    for section in note.draft_content if note else ():
        if note and section.name.strip().lower() == "plan":
            line = f"- Planned last time: {one_line(section.text)}"
            yield PromptField("previous_plan", line, _PLACE, material_of(note.type))


def section_guide(template: Template) -> str:
    """The template's sections for a prompt: key and what belongs there."""
    return "\n".join(f"- {section.key}: {section.guidance}" for section in template.sections)
