"""How a call leaves the machine: no redirects, no proxies for this machine, no retries behind our back."""

from openai import DefaultAsyncHttpxClient

from therapyflows.core.errors import Refused
from therapyflows.integrations.endpoints import is_loopback, safe_base_url
from therapyflows.integrations.llm.settings import LlmSettings


def http_client(base_url: str, timeout_s: float) -> DefaultAsyncHttpxClient:
    """A client for one call.  A redirect could carry a prompt to another host, so none is followed."""
    return DefaultAsyncHttpxClient(
        timeout=timeout_s,
        follow_redirects=False,
        trust_env=not is_loopback(base_url),
    )


def endpoint_of(settings: LlmSettings) -> str:
    """The checked address.  Raises Refused (``model_misconfigured``) when it is missing or not safe."""
    if not settings.endpoint:
        raise Refused("model_misconfigured", f"provider {settings.provider} needs an endpoint")
    try:
        return safe_base_url(settings.endpoint)
    except ValueError as error:
        reason = str(error)
    raise Refused("model_misconfigured", reason)


def model_name_of(settings: LlmSettings) -> str:
    """The model's name.  Raises Refused (``model_misconfigured``) when it is missing."""
    if not settings.model:
        raise Refused("model_misconfigured", f"provider {settings.provider} needs a model name")
    return settings.model
