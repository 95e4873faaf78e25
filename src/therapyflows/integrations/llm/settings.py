"""What an operator can choose about the language model."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class LlmSettings(BaseModel):
    """Which language model drafts.  ``evidence`` uses none."""

    model_config = ConfigDict(frozen=True)

    provider: Literal["evidence", "openai", "azure", "local"] = "evidence"
    endpoint: str | None = None
    """``openai``: base URL, e.g. ``https://llm.example.com/v1``; ``azure``: the resource's URL; ``local``: a llama.cpp
    server on this machine, instead of ``gguf_path``."""
    model: str | None = None
    """Model name; for ``azure`` the deployment."""
    api_key: SecretStr | None = None
    api_version: str | None = None
    gguf_path: Path | None = None
    covered_by_baa: bool = False
    """The practice's statement that this provider signed a business associate agreement.  Without it the provider
    receives redacted text only."""
    context_tokens: int = Field(default=8192, ge=512)
    """Input and output together.  A local model is loaded with this context."""
    timeout_s: float = Field(default=120.0, gt=0)
    threads: int = Field(default=2, ge=1)
    """CPU threads of a local model."""

    @property
    def leaves_machine(self) -> bool:
        """Whether what is asked goes to somebody else's machine."""
        return self.provider in ("openai", "azure")
