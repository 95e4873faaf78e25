"""Errors of OpenAI-compatible endpoints, translated once.  Nothing of what was sent or received is kept in them."""

import openai

from therapyflows.core.errors import (
    ContextOverflow,
    Refused,
    TherapyFlowsError,
    Transient,
)

_OVERFLOW = ("context_length_exceeded", "exceed_context_size", "context size", "context length", "maximum context")
_FILTERED = ("content_filter", "content_policy", "responsibleaipolicy")


def translate(error: openai.OpenAIError, provider: str) -> TherapyFlowsError:
    """Our error for the vendor's."""
    if isinstance(error, openai.APITimeoutError):
        return timed_out(provider)
    if isinstance(error, openai.APIStatusError):
        return _translate_status(error, provider)
    if isinstance(error, openai.APIResponseValidationError):
        return Transient("model_answer_unreadable", "the endpoint's answer is not a completion", provider=provider)
    return Transient("model_unreachable", "the language model cannot be reached", provider=provider)


def timed_out(provider: str) -> Transient:
    """The model took longer than the time that the practice allows."""
    return Transient("model_timeout", "the language model did not answer in time", provider=provider)


def _translate_status(error: openai.APIStatusError, provider: str) -> TherapyFlowsError:
    status = error.status_code
    if is_overflow(error):
        return ContextOverflow("context_overflow", "the prompt does not fit the model's context", provider=provider)
    if _mentions(error, _FILTERED):
        return Refused("model_refused", "the provider's content filter refused the prompt", provider=provider)
    if status in (408, 409, 425, 429) or status >= 500:
        return Transient(
            "model_busy" if status == 429 else "model_unavailable",
            "the language model cannot answer now",
            retry_after_s=_retry_after(error),
            provider=provider,
            status=status,
        )
    return Refused("model_misconfigured", "the endpoint refused the call; check address, model and key", status=status)


def is_overflow(error: openai.APIStatusError) -> bool:
    """Whether the endpoint says that the prompt is too long (each says it in its own way)."""
    return error.status_code in (400, 413, 422, 500) and _mentions(error, _OVERFLOW)


def _mentions(error: openai.APIStatusError, words: tuple[str, ...]) -> bool:
    said = f"{error.code} {error.type} {error.message}".lower()
    return any(word in said for word in words)


def _retry_after(error: openai.APIStatusError) -> float | None:
    try:
        seconds = float(error.response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds <= 3600 else None
