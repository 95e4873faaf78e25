"""Speech to text with speakers."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol

from therapyflows.core.session_note.model import Transcript


class Recognizer(Protocol):
    """Speech to a transcript with speakers and word times."""

    def transcribe(
        self,
        source: Path | BinaryIO,
        *,
        dictation: bool = False,
        expected_minutes: float | None = None,
        on_progress: Callable[[float], None] | None = None,
    ) -> Transcript:
        """Transcribe a file or a seekable stream.  ``dictation`` means one speaker, the therapist.

        ``expected_minutes`` is the appointment's length: a much shorter recording gets a warning.
        ``on_progress`` is called with 0..1.  Raises UnusableSource for everything in the failure table.
        """
