"""Speech recognition on this machine: any recording to a transcript with speakers and word times."""

from therapyflows.integrations.speech.config import SpeechConfig
from therapyflows.integrations.speech.recognizer import WhisperRecognizer

__all__ = ["SpeechConfig", "WhisperRecognizer"]
