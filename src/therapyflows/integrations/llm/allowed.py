"""The last gate before text leaves: every adapter asks here, whatever wrapped it."""

from therapyflows.core.errors import Refused
from therapyflows.core.ports import ModelInfo
from therapyflows.core.prompt import Prompt
from therapyflows.governance.phi.leaving import Form, may_leave
from therapyflows.governance.phi.minimum_necessary import fields_too_many


def require_allowed(prompt: Prompt, info: ModelInfo) -> None:
    """Raises Refused: ``field_not_allowed`` for a field that the purpose does not need, the code of the leaving policy
    for walled material, ``unredacted_text`` when clear text would reach a model that may not see it.

    Consents are asked where they are known (``GuardedModel``).
    """
    require_necessary(prompt)
    leave = may_leave((field.material for field in prompt.fields), info.place, part2_objection=None)
    if leave.form is Form.NEVER:
        raise never(prompt, leave.code)
    if leave.form is Form.REDACTED and not prompt.redacted:
        raise Refused(
            "unredacted_text",
            "this model is neither on this machine nor covered by a BAA, and the prompt was not redacted",
            provider=info.provider,
            prompt=prompt.id,
        )


def require_necessary(prompt: Prompt) -> None:
    """Raises Refused (``field_not_allowed``) for fields that may not leave for this purpose."""
    too_many = fields_too_many(prompt.purpose, (field.name for field in prompt.fields))
    if too_many:
        raise Refused(
            "field_not_allowed",
            "the prompt holds a field that its purpose does not need",
            prompt=prompt.id,
            purpose=prompt.purpose,
            fields=",".join(too_many),
        )


def never(prompt: Prompt, code: str) -> Refused:
    """The refusal of the leaving policy."""
    return Refused(code, "the prompt holds material that may not be shown to this model", prompt=prompt.id)
