"""What an operator can choose about speech recognition."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpeechConfig:
    """Settings of the recognizer; the composition root fills them from the product's settings."""

    model: str = "base"
    """``base`` and ``fast`` come with the packages; otherwise a faster-whisper model name or a directory."""
    compute_type: str = "int8"
    threads: int = 2
    beam_size: int = 1
    language: str = "en"
    """Language code of the sessions; empty lets the model detect it."""
    device: str = "cpu"
    """``cpu``, ``cuda`` or ``auto``."""
