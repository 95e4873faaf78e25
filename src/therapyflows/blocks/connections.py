"""The blocks.  The order of fields is part of a block's schema checksum: append, never reorder."""

from typing import ClassVar, Literal

from prefect.blocks.core import Block
from pydantic import Field, SecretStr

from therapyflows.integrations.llm import LlmSettings
from therapyflows.integrations.speech.config import SpeechConfig


class LanguageModelConnection(Block):
    """Which language model drafts notes; ``evidence`` drafts without one."""

    _block_type_name: ClassVar[str] = "Language model connection"
    _block_type_slug: ClassVar[str] = "language-model-connection"
    _description: ClassVar[str] = (
        "Provider and model. Without a business associate agreement only redacted text is sent."
    )

    provider: Literal["evidence", "openai", "azure", "local"] = Field(
        default="evidence", description="evidence: no model; openai: any compatible endpoint; local: a GGUF file."
    )
    endpoint: str | None = Field(default=None, description="Address of the endpoint.")
    model: str | None = Field(default=None, description="Model, or deployment on Azure.")
    api_key: SecretStr | None = Field(default=None, description="Key of the endpoint.")
    api_version: str | None = Field(default=None, description="API version, Azure only.")
    covered_by_baa: bool = Field(default=False, description="The practice has a BAA with this provider.")
    context_tokens: int = Field(default=8192, description="Context of the model, input and output together.")

    def settings(self) -> LlmSettings:
        """The adapter's settings."""
        return LlmSettings(
            provider=self.provider,
            endpoint=self.endpoint,
            model=self.model,
            api_key=self.api_key,
            api_version=self.api_version,
            covered_by_baa=self.covered_by_baa,
            context_tokens=self.context_tokens,
        )


class SpeechModel(Block):
    """Which speech model recognizes recordings."""

    _block_type_name: ClassVar[str] = "Speech model"
    _block_type_slug: ClassVar[str] = "speech-model"
    _description: ClassVar[str] = "base and fast come with the packages; any faster-whisper model name or path works."

    model: str = Field(default="base", description="base, fast, or a faster-whisper model name or path.")
    compute_type: str = Field(default="int8", description="int8 on a CPU, float16 on a GPU.")
    threads: int = Field(default=2, description="CPU threads.")
    language: str = Field(default="en", description="Language of the sessions.")

    def settings(self) -> SpeechConfig:
        """The adapter's settings."""
        return SpeechConfig(
            model=self.model, compute_type=self.compute_type, threads=self.threads, language=self.language
        )
