"""The table of what fields and sections are called."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any, TypeVar

import yaml
from rapidfuzz import fuzz, process

from therapyflows.core.intake.reading.composing import Composer
from therapyflows.core.intake.reading.likeness import Likeness

T = TypeVar("T")

_FUZZY = 88.0
"""Likeness in percent from which a label with a misread letter is still that label."""
_SHORTEST_FUZZY = 6
CONSENT_WORDS = re.compile(r"\bsign(ature|ed|er|s|ing)?\b|\bfirma\b")
_OF_SOMEBODY_ELSE = re.compile(
    r"physician|doctor|pharmac|\bpcp\b|provider|therapist|spouse|clinician|facility|witness|staff|responsible|guarantor|pediatric|dentist|teacher"
    r"|(other|second|2nd) (parent|guardian|caregiver)"
)


_TOTAL = re.compile(r"\b(total|sum|score|points?)\b|\badd (up )?(the |all |your )?(circled )?numbers\b")
_SHORT = 5
"""Words."""
_CLINICAL = ("presenting.", "history.", "allergies", "medications_text")
"""Fields that are the client's whatever section they are asked for in."""
_PERSONS = {"emergency": "emergency_contact.", "guardian": "guardian."}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a label asks for.  ``path`` None: something that is not taken."""

    path: str | None
    section: str | None = None
    """The section that the words of the label alone tell; it holds for what stands beside it."""
    guessed: bool = False
    """Told from what the label resembles."""


NOT_TAKEN = Meaning(None)


_QUALIFIER = re.compile(
    r"\(\s*((?:last|first|middle|home|work|cell|mobile|office|business|evening|day)\b[^,/()]{0,12})\)"
)
_ALL_IN_BRACKETS = re.compile(r"^\s*\(([^()]*)\)\s*$")


_LETTER_OF_PHONE = re.compile(r"\b(?:ph|phone|tel|telephone)\b[.#]?\s*\(?\b([hwc])\b\)?")
_PHONES = {"h": "home", "w": "work", "c": "cell"}


def _spelled_phone(found: re.Match[str]) -> str:
    return f"{_PHONES[found[1]]} phone"


def plain(text: str) -> str:
    """The text for comparison: lower case, without punctuation and without what only explains in brackets."""
    text = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    text = _QUALIFIER.sub(r" \1 ", _ALL_IN_BRACKETS.sub(r"\1", _LETTER_OF_PHONE.sub(_spelled_phone, text)))
    text = re.sub(r"\([^)]*\)?", " ", text)
    text = text.replace("&", " and ").replace("’", "'").replace("#", " number ")
    text = re.sub(r"\bno\.(?=\s|:|$)|\bnum\b\.?", " number ", text)
    text = re.sub(r"^\s*(?:[0-9]{1,2}|[a-z])[.)]\s+", " ", text)
    return re.sub(r"[^a-z0-9]+", " ", text.replace("'", "")).strip()


class Vocabulary:
    """Synonyms by section, compared in the ``plain`` form."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._abbreviations: Mapping[str, str] = data["abbreviations"]
        self.headings = {plain(name): section for section, names in data["headings"].items() for name in names}
        self.labels = {
            section: {plain(name): path for path, names in table.items() for name in names}
            for section, table in data["labels"].items()
        }
        self.ignored = {plain(name) for name in data["ignored"]}
        self._not_asked = [re.compile(pattern) for pattern in data["ignored_patterns"]]
        self._guessed: Mapping[str, list[str]] = data["guessed"]
        self.patterns = [(entry["path"], re.compile(entry["match"])) for entry in data["patterns"]]
        self.sentences = [(e["path"], e.get("after", ""), re.compile(e["match"])) for e in data["sentences"]]
        self.sentence_paths = {path for path, _, _ in self.sentences if path != "nobody"}
        self.topics = [(entry["topic"], re.compile(entry["match"], re.IGNORECASE)) for entry in data["topics"]]
        self.heading_patterns = [(e["section"], re.compile(e["match"])) for e in data["heading_patterns"]]
        self.composer = Composer(data["composed"])
        self.spoken = {
            field: {plain(word): value for value, words in values.items() for word in words}
            for field, values in data["spoken"].items()
        }
        self.medication_columns: Mapping[str, str] = {
            plain(name): column for column, names in data["medication_columns"].items() for name in names
        }
        self._medication_topics = [(e["column"], re.compile(e["match"])) for e in data["medication_topics"]]
        self.answer_columns = [[plain(name) for name in names] for names in data["answer_columns"]]
        self.difficulty = [plain(name) for name in data["difficulty"]]
        self.offered = {name: {plain(word) for word in words} for name, words in data["offered"].items()}
        self.absent = {name.lower() for name in data["absent_answers"]}
        self.yes = set(data["choices_yes"])
        self.no = set(data["choices_no"])

    def _closest(self, words: str, table: Mapping[str, str]) -> str | None:
        """The entry that is written so, or so but for a misread letter or space."""
        found = table.get(words)
        if found is not None or len(words) < _SHORTEST_FUZZY:
            return found
        close = words.replace(" ", "")
        found = next((value for name, value in table.items() if name.replace(" ", "") == close), None)
        if found is not None:
            return found
        match = process.extractOne(words, table.keys(), scorer=fuzz.ratio, score_cutoff=_FUZZY)
        if match is None or abs(len(match[0]) - len(words)) > 2 or len(match[0].split()) < len(words.split()) - 1:
            return None
        return None if self._differs_in_meaning(words, match[0]) else table[match[0]]

    def _differs_in_meaning(self, one: str, other: str) -> bool:
        """Whether a whole word differs ("first name", "last name"): that is another label, not a misread letter.

        A word that other labels have is no misread one ("insurance", "insured").
        """
        first, second = one.split(), other.split()
        if len(first) != len(second):
            return one.replace(" ", "") != other.replace(" ", "")
        return any(
            a != b and (fuzz.ratio(a, b) < 70 or (len(a) > _SHORT and a in self.words))
            for a, b in zip(first, second, strict=True)
        )

    @cached_property
    def words(self) -> set[str]:
        """Every word that a label or heading has."""
        names = [name for table in self.labels.values() for name in table]
        return {word for name in (*names, *self.headings, *self.ignored) for word in name.split()}

    def spelled_out(self, text: str) -> str:
        """The ``plain`` text with the words that its abbreviations stand for."""
        return " ".join(self._abbreviations.get(word, word) for word in plain(text).split())

    def heading(self, text: str) -> str | None:
        """The section that a heading opens, also one in two languages."""
        words = re.sub(
            r"^(?:section|part|step|page) (?:[0-9]+|[a-z]|i+v?|vi*)\b ?(?:of [0-9]+ )?", "", self.spelled_out(text)
        )
        words = re.sub(r"^(?:[0-9]+|[ivx]+|[a-f]) (?=[a-z]{3})", "", words)
        found = self._closest(words, self.headings)
        return found or _agreed(self.heading(part) for part in _sides(text))

    def medication_column(self, text: str) -> str | None:
        """What stands in the column of a list of medications under these words."""
        for words in (plain(text), self.spelled_out(text)):
            if words in self.medication_columns:
                return self.medication_columns[words]
        return _agreed(self.medication_column(part) for part in _sides(text))

    def medication_head(self, text: str) -> str | None:
        """The same, also where only what the words speak of tells it: "Name the drug"."""
        listed = self.medication_column(text)
        words = self.spelled_out(text)
        if listed is not None or not words or len(words.split()) > _SHORT or any(c.isdigit() for c in words):
            return listed  # what has a number is a medication
        return next((column for column, pattern in self._medication_topics if pattern.search(words)), None)

    def heading_by_topic(self, text: str) -> str | None:
        """The section that words speak of which stand like a heading and are none that is listed."""
        words = self.spelled_out(text)
        return next((section for section, pattern in self.heading_patterns if pattern.search(words)), None)

    def meaning(self, text: str, section: str | None) -> Meaning | None:
        """What a label asks for in that section; None when it is no label that we know.

        A label that says the same twice, in two languages or in two words, is known by either side.
        """
        if text.strip() == "MI":  # Michigan; "M.I." and "MI:" are the middle initial
            return None
        found = self._meaning(text, plain(text), section)
        if found is None and self.spelled_out(text) != plain(text):
            found = self._meaning(text, self.spelled_out(text), section)
        if found is not None:
            return found
        sides = [said for side in _sides(text) if (said := self.meaning(side, section)) is not None]
        return _agreed([said for said in sides if said.path is not None] or sides)

    def _meaning(self, text: str, words: str, section: str | None) -> Meaning | None:
        if not words:
            return None
        table = self._own_table(section)
        own = self._closest(words, table)
        if own is not None:
            return Meaning(_in_section(own, section))
        signed = (
            self._closest(words, self.labels["consent"]) or _signing(words) if CONSENT_WORDS.search(words) else None
        )
        if text.rstrip().endswith(("?", ".")):
            signed = None  # "Release signed?" is about another paper, "By signing below I agree." is no place to sign
        if signed:
            return Meaning(signed, "consent")
        if section in ("phq9", "gad7") and _TOTAL.search(words) and len(words.split()) <= _SHORT:
            return Meaning(f"{section}.stated_total")
        if any(pattern.search(words) for pattern in self._not_asked):
            return Meaning(None, "other" if _OF_SOMEBODY_ELSE.search(words) else None)
        if words in self.ignored or self._closest(words, dict.fromkeys(self.ignored, "x")):
            if len(words.split()) == 1 and not text.rstrip().endswith(":"):
                return None  # a word such as "spouse" is an answer as well
            return Meaning(None, "other" if _OF_SOMEBODY_ELSE.search(words) else None)
        general = self._closest(words, self.labels["any"])
        if general is not None:
            return self._general(general, words, section)
        state_or_label = len(words) <= 2 and not text.rstrip().endswith((":", "#", "."))  # ID, CO, ST
        composed = None if state_or_label else self.composer.compose(words.split(), section)
        if composed is None and " for " in words and section in (None, "client"):
            composed = self.composer.compose(words.partition(" for ")[0].split(), section)  # "Email for reminders"
            composed = composed if composed is not None and (composed.path or "").startswith("contact.") else None
        if composed is not None:
            return Meaning(composed.path, composed.section)
        if table is not self.labels["client"] and self._closest(words, self.labels["client"]):
            return NOT_TAKEN  # of somebody else
        return None

    def _own_table(self, section: str | None) -> Mapping[str, str]:
        if section in ("insurance_primary", "insurance_secondary"):
            return self.labels["insurance"]
        if section in ("emergency", "guardian", "consent", "phq9", "gad7"):
            return self.labels[section]
        return {} if section == "other" else self.labels["client"]

    def _general(self, path: str, words: str, section: str | None) -> Meaning:
        if path.startswith("insurance.primary.") and section == "insurance_secondary" and "primary" not in words:
            path = path.replace("primary", "secondary", 1)
        elsewhere = section in ("emergency", "guardian", "insurance_primary", "insurance_secondary", "other")
        of_a_parent = section == "guardian" and path == "contact.email"  # a minor is written to through them
        if (
            elsewhere
            and path.startswith("contact.")
            and not of_a_parent
            and not re.search(r"client|patient|your", words)
        ):
            return NOT_TAKEN
        return Meaning(path, _section_of(path))

    def question(self, text: str) -> str | None:
        """The field that a whole question asks for."""
        words = " ".join(re.sub(r"[’']", "", text.lower()).split())
        words = re.sub(r"[a-z]+", lambda found: self._abbreviations.get(found[0], found[0]), words)
        return next((path for path, pattern in self.patterns if pattern.search(words)), None)

    def resembling(self, text: str, section: str | None) -> str | None:
        """The field whose label the text means most nearly the same as, where it asks for one that may be guessed."""
        if section in self._guessed["sections_without"]:
            return None
        found = self._likeness.meaning(text) or self._likeness.meaning(plain(text))
        if found not in self._guessed["paths"]:
            return None
        if found.startswith(_CLINICAL):
            return found
        person = _PERSONS.get(section or "")
        insured = section in ("insurance_primary", "insurance_secondary")
        if person is not None:
            return found if found.startswith(person) else None
        if ".subscriber_" in found and not insured:
            return None
        return found.replace("primary", "secondary") if section == "insurance_secondary" else found

    @cached_property
    def _likeness(self) -> Likeness:
        """Every label of the table; one word alone is too little to guess a field from."""
        named = {
            name: f"insurance.primary.{path}" if section == "insurance" else path
            for section in ("consent", "emergency", "guardian", "insurance", "client", "any")
            for name, path in self.labels[section].items()
            if " " in name
        }
        return Likeness(dict.fromkeys(self.ignored, "ignored") | named)

    def completed(self, before: str, last: str) -> str | None:
        """What completes a sentence that goes so far; ``last``: what the blank before it asked for."""
        words = before.rstrip(" ,:;").replace("’", "'")
        return next((path for path, after, end in self.sentences if last.startswith(after) and end.search(words)), None)

    def topics_of(self, text: str) -> list[str]:
        """What a consent is about, in the order of the words."""
        found = [(match.start(), topic) for topic, pattern in self.topics if (match := pattern.search(text))]
        return [topic for _, topic in sorted(found)]

    def yes_or_no(self, text: str) -> bool | None:
        words = plain(text).split()
        if not words or (words[0] not in self.yes and words[0] not in self.no):
            return None
        return words[0] in self.yes


def _sides(text: str) -> list[str]:
    """Both sides of a label that says the same twice: "Date of birth / Fecha de nacimiento"."""
    sides = [side.strip() for side in text.rstrip(": ").split("/")]
    return sides if len(sides) == 2 and all(len(side) > 1 for side in sides) else []


def _agreed(found: Iterable[T | None]) -> T | None:
    """What those say that say anything, where they say the same."""
    said = [one for one in found if one is not None]
    return said[0] if said and all(one == said[0] for one in said) else None


def _signing(words: str) -> str | None:
    """A label to sign behind, or to date the signature, that is not the practice's own."""
    if len(words.split()) > _SHORT + 3 or _OF_SOMEBODY_ELSE.search(words):
        return None
    return "consents.signed_on" if re.search(r"\bdated?\b", words) else "consents.signature"


def _section_of(path: str) -> str | None:
    """The section that the labels beside such a field belong to."""
    for start, section in (
        ("emergency_contact.", "emergency"),
        ("guardian.", "guardian"),
        ("insurance.primary.", "insurance_primary"),
        ("insurance.secondary.", "insurance_secondary"),
    ):
        if path.startswith(start):
            return section
    return None


def _in_section(path: str, section: str | None) -> str:
    """Labels of the insurance table name the field alone."""
    if section in ("insurance_primary", "insurance_secondary"):
        return f"insurance.{section.removeprefix('insurance_')}.{path}"
    return path


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    data = yaml.safe_load((files("therapyflows.core.rules") / "intake_labels.yaml").read_text("utf-8"))
    return Vocabulary(data)
