"""Azure OpenAI."""

from openai import AsyncAzureOpenAI

from therapyflows.core.errors import Refused
from therapyflows.core.ports import ModelInfo
from therapyflows.integrations.llm.chat import ChatModel
from therapyflows.integrations.llm.connection import endpoint_of, http_client, model_name_of
from therapyflows.integrations.llm.settings import LlmSettings

_API_VERSION = "2024-10-21"
"""The first generally available version with JSON-schema answers."""


def azure_model(settings: LlmSettings) -> ChatModel:
    """The deployment ``settings.model`` of the Azure OpenAI resource at ``settings.endpoint``."""
    endpoint = endpoint_of(settings)
    if settings.api_key is None:
        raise Refused("model_misconfigured", "provider azure needs an API key")
    key = settings.api_key.get_secret_value()
    info = ModelInfo(
        provider="azure",
        model=model_name_of(settings),
        on_device=False,
        covered_by_baa=settings.covered_by_baa,
        context_tokens=settings.context_tokens,
    )

    def connect() -> AsyncAzureOpenAI:
        return AsyncAzureOpenAI(
            azure_endpoint=endpoint,
            azure_deployment=info.model,
            api_version=settings.api_version or _API_VERSION,
            api_key=key,
            max_retries=0,
            timeout=settings.timeout_s,
            http_client=http_client(endpoint, settings.timeout_s),
        )

    return ChatModel(info, connect, timeout_s=settings.timeout_s)
