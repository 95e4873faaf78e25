"""What looks for identifiers that the chart does not know, as the practice set it up."""

from functools import lru_cache
from pathlib import Path

from therapyflows.governance.phi import Detector
from therapyflows.integrations.llm import LlmSettings, make_model
from therapyflows.integrations.phi import recognizers
from therapyflows.integrations.phi.model_names import ModelNames


@lru_cache(maxsize=1)
def detectors_of(gguf: Path | None) -> tuple[Detector, ...]:
    """The recognizer; and a model on this machine when a GGUF file is named, loaded once per process.

    Raises Refused (``model_misconfigured``) for a file that is no model.
    """
    if gguf is None:
        return tuple(recognizers())
    model = make_model(LlmSettings(provider="local", gguf_path=gguf))
    assert model is not None  # a local model is one
    return (*recognizers(), ModelNames(model))
