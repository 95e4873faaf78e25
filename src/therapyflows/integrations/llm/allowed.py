"""The last gate before text leaves: every adapter asks here, whatever wrapped it."""

from therapyflows.core.errors import Refused
from therapyflows.core.ports import ModelInfo, Prompt


def require_allowed(prompt: Prompt, info: ModelInfo) -> None:
    """Raises Refused (``unredacted_text``) when clear text would reach a model that may not see it."""
    if prompt.redacted or info.may_see_clear_text:
        return
    raise Refused(
        "unredacted_text",
        "this model is neither on this machine nor covered by a BAA, and the prompt was not redacted",
        provider=info.provider,
        prompt=prompt.id,
    )
