"""The fields of a form by their path, e.g. ``insurance.primary.member_id``, ``medications.0.dose``, ``phq9.items.8``.

The path is how the review page, the data checks and the JSON form name a field.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from therapyflows.core.errors import NotFound
from therapyflows.core.intake.model import Box, Extracted, IntakeForm


def walk(form: IntakeForm) -> Iterator[tuple[str, Extracted[Any]]]:
    """Every field with its path, in the order of the model, absent ones included."""
    yield from _walk(form, "")


def _walk(value: object, path: str) -> Iterator[tuple[str, Extracted[Any]]]:
    if isinstance(value, Extracted):
        yield path, value
    elif isinstance(value, tuple):
        for at, part in enumerate(value):
            yield from _walk(part, f"{path}.{at}")
    elif is_dataclass(value) and not isinstance(value, Box):
        for part in fields(value):
            yield from _walk(getattr(value, part.name), f"{path}.{part.name}" if path else part.name)


def field_at(form: IntakeForm, path: str) -> Extracted[Any]:
    """The field of this path.  Raises NotFound (``intake_field_unknown``)."""
    value: object = form
    for step in path.split("."):
        value = _step(value, step)
    if not isinstance(value, Extracted):
        raise _unknown()
    return value


def with_field(form: IntakeForm, path: str, found: Extracted[Any]) -> IntakeForm:
    """The form with that field replaced.  Raises NotFound (``intake_field_unknown``)."""
    field_at(form, path)
    changed: IntakeForm = _replaced(form, path.split("."), found)
    return changed


def _replaced(value: Any, steps: list[str], found: Extracted[Any]) -> Any:
    if not steps:
        return found
    part = _replaced(_step(value, steps[0]), steps[1:], found)
    if isinstance(value, tuple):
        at = int(steps[0])
        return (*value[:at], part, *value[at + 1 :])
    return replace(value, **{steps[0]: part})


def _step(value: object, step: str) -> object:
    if isinstance(value, tuple) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    if is_dataclass(value) and step in {part.name for part in fields(value)}:
        return getattr(value, step)
    raise _unknown()


def _unknown() -> NotFound:
    return NotFound("intake_field_unknown", "the intake form has no such field")
