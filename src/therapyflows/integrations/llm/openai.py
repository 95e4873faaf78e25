"""Any OpenAI-compatible endpoint."""

from openai import AsyncOpenAI

from therapyflows.core.ports import ModelInfo
from therapyflows.integrations.llm.chat import ChatModel
from therapyflows.integrations.llm.connection import endpoint_of, http_client, model_name_of
from therapyflows.integrations.llm.settings import LlmSettings


def openai_model(settings: LlmSettings) -> ChatModel:
    """The model behind an OpenAI-compatible endpoint (https, or http on this machine).

    Even on this machine it does not count as on the device: what listens there may pass the text on.  Use provider
    ``local`` for a llama.cpp server whose model runs here.
    """
    base_url = endpoint_of(settings)
    info = ModelInfo(
        provider="openai",
        model=model_name_of(settings),
        on_device=False,
        covered_by_baa=settings.covered_by_baa,
        context_tokens=settings.context_tokens,
    )
    # The library insists on a key; servers without one ignore it.
    key = settings.api_key.get_secret_value() if settings.api_key else "none"

    def connect() -> AsyncOpenAI:
        return AsyncOpenAI(
            base_url=base_url,
            api_key=key,
            max_retries=0,
            timeout=settings.timeout_s,
            http_client=http_client(base_url, settings.timeout_s),
        )

    return ChatModel(info, connect, timeout_s=settings.timeout_s)
