"""A language model on this machine as one more detector: people, places and employers that lists and spaCy miss.

Off by default: it costs seconds a page.  A model elsewhere is refused here, whatever contract covers it, because this
detector reads the text before anything was removed from it.
"""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from pydantic import BaseModel

from therapyflows.core.errors import Refused
from therapyflows.core.ports import LanguageModel
from therapyflows.core.prompt import Prompt, PromptField
from therapyflows.governance.phi import Detection, IdentifierType, Source

_KINDS = {
    "person": IdentifierType.PERSON,
    "place": IdentifierType.LOCATION,
    "employer": IdentifierType.EMPLOYER,
    "school": IdentifierType.SCHOOL,
    "facility": IdentifierType.FACILITY,
    "date": IdentifierType.DATE,
    "number": IdentifierType.OTHER_ID,
}
_INSTRUCTION = (
    "List every word or phrase of the text that names a person, a place smaller than a state, an employer, a school or "
    "a medical facility, or is a calendar date or an identifying number. Copy each exactly. Kinds: "
    + ", ".join(_KINDS)
    + "."
)
_PIECE = 2_000
"""Characters at a time."""
_SHORTEST = 2


class NamedIdentifier(BaseModel):
    kind: str
    text: str


class NamedIdentifiers(BaseModel):
    found: list[NamedIdentifier]


class ModelNames:
    """A Detector over the LanguageModel port.  Raises Refused for a model that is not on this machine."""

    def __init__(self, model: LanguageModel) -> None:
        if not model.info.on_device:
            raise Refused("model_not_on_device", "only a model on this machine may look for identifiers")
        self._model = model

    def detect(self, text: str) -> Iterator[Detection]:
        """What the model names and the text holds.  Errors of the model pass through: an unread text is not clean."""
        for start in range(0, len(text), _PIECE):
            # A name on a seam is in the next piece as well.
            piece = text[start : start + _PIECE + 100]
            for named in self._ask(piece).found:
                type_ = _KINDS.get(named.kind)
                if type_ is None or len(named.text.strip()) < _SHORTEST:
                    continue
                for match in re.finditer(rf"(?<!\w){re.escape(named.text.strip())}(?!\w)", piece):
                    yield Detection(start + match.start(), start + match.end(), type_, source=Source.LANGUAGE_MODEL)

    def _ask(self, piece: str) -> NamedIdentifiers:
        prompt = Prompt(
            id="find_identifiers",
            version="1",
            purpose="find_identifiers",
            system_words=_INSTRUCTION,
            user_words="$text",
            max_output_tokens=600,
            fields=(PromptField("text", piece),),
        )
        # Detectors are synchronous, and the caller may have an event loop of its own.
        with ThreadPoolExecutor(max_workers=1) as thread:
            return thread.submit(asyncio.run, self._model.complete(prompt, NamedIdentifiers)).result().value
