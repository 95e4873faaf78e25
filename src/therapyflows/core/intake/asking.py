"""Fields that no layout rule reaches, asked of a language model behind the PHI boundary.

Off unless the caller hands over a model.  A model's answer is taken only when its very words stand on the page; where
the rules found something, or something that they could not read, nothing is asked.
"""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, Field

from therapyflows.core.errors import ModelOutputInvalid
from therapyflows.core.ids import derived_id
from therapyflows.core.intake.fields import field_at, with_field
from therapyflows.core.intake.model import Extracted, IntakeForm, Method
from therapyflows.core.intake.page import Page, Word
from therapyflows.core.intake.reading.lines import around, lines_of
from therapyflows.core.intake.reading.values import is_absent, tidy
from therapyflows.core.ports import LanguageModel
from therapyflows.core.prompt import Prompt, PromptField
from therapyflows.core.session_note.prompts import load_prompt

CONFIDENCE = 0.6
FEWEST_LETTERS = 3
ASKED = {
    "presenting.problem": "why the client comes",
    "presenting.onset": "since when",
    "presenting.goals": "what the client wants to reach",
    "history.medical": "medical conditions",
    "history.psychiatric": "earlier mental-health treatment and diagnoses",
    "history.family": "mental health in the family",
    "history.substance": "alcohol and drug use",
    "history.trauma": "traumatic events",
    "allergies": "allergies",
}
"""Fields of free text.  Names, numbers and yes/no answers are never asked of a model."""

_DENIALS = frozenset(
    {"no", "not", "never", "none", "nor", "neither", "without", "denies", "denied", "negative", "cannot", "nothing"}
)
_REACH = 6
"""So many words before a quote, in its sentence, may turn it into its opposite."""
_REACH_BEHIND = 2
"""As in "penicillin: none"."""


class ModelAnswer(BaseModel):
    field: str
    quote: str = Field(max_length=2000)


class ModelAnswers(BaseModel):
    answers: list[ModelAnswer] = Field(max_length=len(ASKED))


async def ask_for_missing(form: IntakeForm, pages: Sequence[Page], model: LanguageModel) -> IntakeForm:
    """The form with absent free-text fields that the model found on the pages.

    Raises Transient, ContextOverflow, Refused; an answer that cannot be used leaves the form as it is.
    """
    for page in pages:
        missing = [path for path in ASKED if field_at(form, path).absent]
        if not missing or not page.words:
            continue
        text = page_text(page)
        try:
            answers = (await model.complete(_prompt(missing, page, text), ModelAnswers)).value.answers
        except ModelOutputInvalid:
            continue
        for answer in answers:
            found = _verified(answer.quote, page)
            if answer.field in missing and found is not None and field_at(form, answer.field).absent:
                form = with_field(form, answer.field, found)
    return form


def page_text(page: Page) -> str:
    """The words of a page, line by line."""
    return "\n".join(" ".join(word.text for word in line) for line in lines_of(page.words))


def _prompt(missing: Sequence[str], page: Page, text: str) -> Prompt:
    file = load_prompt("intake_fields", "therapyflows.core.intake.prompts")
    return file.render(
        {
            "fields": "\n".join(f"- {path}: {ASKED[path]}" for path in missing),
            "page": str(page.number),
            "fence": derived_id("form", text)[-12:],
        },
        max_output_tokens=file.max_output_tokens,
        fields=[PromptField("intake_page", text, slot="source")],
    )


def _verified(quote: str, page: Page) -> Extracted[str] | None:
    """The quote with its place, when its words stand on the page one after the other and no denial was cut off."""
    text = tidy(quote)
    if is_absent(text) or len(text) < FEWEST_LETTERS:
        return None
    words = text.split()
    ordered = [word for line in lines_of(page.words) for word in line]
    for at in _starts(words, ordered):
        if _is_torn(ordered, at, at + len(words)):
            continue
        taken = ordered[at : at + len(words)]
        box = page.box(around(word.at for word in taken))
        return Extracted(text, False, CONFIDENCE, Method.MODEL, text, page.number, box)
    return None


def _starts(words: Sequence[str], ordered: Sequence[Word]) -> Iterator[int]:
    for at in range(len(ordered) - len(words) + 1):
        *before, last = (word.text.strip("_:") for word in ordered[at : at + len(words)])
        if before == list(words[:-1]) and words[-1] in (last, last.rstrip(".,;")):
            yield at


def _is_torn(ordered: Sequence[Word], start: int, end: int) -> bool:
    """Whether the words around the quote deny it or make it a question: then it says less, or the opposite."""
    for word in reversed(ordered[max(start - _REACH, 0) : start]):
        if word.text.endswith((".", "!", "?", ":", ";")):
            break
        if _denies(word):
            return True
    if ordered[end - 1].text.endswith((".", "!", ";")):
        return False
    for word in ordered[end - 1 : end + _REACH_BEHIND]:
        if word.text.endswith("?"):
            return True
    return any(_denies(word) for word in ordered[end : end + _REACH_BEHIND])


def _denies(word: Word) -> bool:
    plain = word.text.strip("_.,;:!?()\"'").lower().replace("\u2019", "'")
    return plain in _DENIALS or plain.endswith("n't")
