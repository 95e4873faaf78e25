"""Language models behind one port.  ``make_model`` is the only thing that the composition root needs."""

from therapyflows.core.ports import LanguageModel
from therapyflows.integrations.llm.settings import LlmSettings

__all__ = ["LlmSettings", "make_model"]


def make_model(settings: LlmSettings) -> LanguageModel | None:
    """The configured model, or None when the practice drafts without one (provider ``evidence``).

    A local model is loaded here: call it once per process.  Raises Refused (``model_misconfigured``).
    """
    # Each provider's library loads only when it is chosen.
    match settings.provider:
        case "evidence":
            return None
        case "openai":
            from therapyflows.integrations.llm.openai import openai_model

            return openai_model(settings)
        case "azure":
            from therapyflows.integrations.llm.azure import azure_model

            return azure_model(settings)
        case "local":
            from therapyflows.integrations.llm.local import local_model

            return local_model(settings)
