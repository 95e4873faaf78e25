"""What an answer means: dates, phones, states, names.  None where it cannot be read as such; nothing is made up."""

import re
from datetime import date

from therapyflows.core.intake.reading.vocabulary import vocabulary

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
STATES = {
    "alabama": "AL", "alaska": "AK", "arizona": "AZ", "arkansas": "AR", "california": "CA", "colorado": "CO",
    "connecticut": "CT", "delaware": "DE", "district of columbia": "DC", "florida": "FL", "georgia": "GA",
    "hawaii": "HI", "idaho": "ID", "illinois": "IL", "indiana": "IN", "iowa": "IA", "kansas": "KS", "kentucky": "KY",
    "louisiana": "LA", "maine": "ME", "maryland": "MD", "massachusetts": "MA", "michigan": "MI", "minnesota": "MN",
    "mississippi": "MS", "missouri": "MO", "montana": "MT", "nebraska": "NE", "nevada": "NV", "new hampshire": "NH",
    "new jersey": "NJ", "new mexico": "NM", "new york": "NY", "north carolina": "NC", "north dakota": "ND",
    "ohio": "OH", "oklahoma": "OK", "oregon": "OR", "pennsylvania": "PA", "puerto rico": "PR", "rhode island": "RI",
    "south carolina": "SC", "south dakota": "SD", "tennessee": "TN", "texas": "TX", "utah": "UT", "vermont": "VT",
    "virginia": "VA", "washington": "WA", "west virginia": "WV", "wisconsin": "WI", "wyoming": "WY",
}  # fmt: skip
_DIGITS = str.maketrans("OoQDIl|SsBZz", "000011155822")
_SUFFIX = re.compile(r",?\s+(jr|sr|ii|iii|iv)\.?$", re.IGNORECASE)

_LONGEST_NUMBER, _MOST_GROUPS = 30, 5
"""Letters, and groups of letters, of a member's number."""


def _read_digits(text: str) -> str:
    """Letters that were meant as digits, in words that have a digit."""
    return re.sub(r"\w*\d\w*", lambda found: found[0].translate(_DIGITS), text)


def tidy(text: str) -> str:
    """The answer without blanks, underscores and lone punctuation around it."""
    words = " ".join(text.split()).strip(" _:;|·*")
    return words.strip("[] ") if words.count("[") != words.count("]") else words


def is_absent(text: str) -> bool:
    """Whether the answer says that there is none ("N/A", a dash)."""
    return not tidy(text) or tidy(text).lower() in vocabulary().absent or not re.search(r"\w", text)


def day(text: str, *, century_before: date | None = None) -> date | None:
    """A date as people in the US write it: 3/14/1985, 03-14-85, March 14, 1985, 14 Mar 1985, 1985-03-14.

    A year of two digits lies in the past hundred years before ``century_before`` (today for a birth date), because a
    form is about what was.
    """
    words = tidy(text)
    named = re.search(r"([A-Za-z]{3,9})\.?\s*(\d{1,2})(?:st|nd|rd|th)?,?\s*(\d{4})", words)
    if named and named[1][:3].lower() in MONTHS:
        return _date(int(named[3]), MONTHS.index(named[1][:3].lower()) + 1, int(named[2]))
    named = re.search(r"(\d{1,2})\s*([A-Za-z]{3,9})\.?,?\s*(\d{4})", words)
    if named and named[2][:3].lower() in MONTHS:
        return _date(int(named[3]), MONTHS.index(named[2][:3].lower()) + 1, int(named[1]))
    digits = _read_digits(words)
    iso = re.search(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b", digits)
    if iso:
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    usual = re.search(r"(\d{1,2})\s*[-/.\s|]\s*(\d{1,2})\s*[-/.\s|]\s*(\d{4}|\d{2})(?!\d)", digits)
    if usual:
        return _date(_year(usual[3], century_before), int(usual[1]), int(usual[2]))
    packed = re.fullmatch(r"(\d{2})(\d{2})(\d{4})", re.sub(r"\D", "", digits))
    return _date(int(packed[3]), int(packed[1]), int(packed[2])) if packed else None


def _year(text: str, before: date | None) -> int:
    if len(text) == 4 or before is None:
        return int(text) if len(text) == 4 else 2000 + int(text)
    year = before.year // 100 * 100 + int(text)
    return year if year <= before.year else year - 100


def _date(year: int, month: int, of_month: int) -> date | None:
    try:
        return date(year, month, of_month) if 1890 <= year <= 2100 else None
    except ValueError:
        return None


def phone(text: str) -> str | None:
    """``(555) 123-4567``, with `` x12`` where an extension is given."""
    words = tidy(text)
    extension = re.search(r"(?:ext\.?|x)\s*(\d{1,6})\s*$", words, re.IGNORECASE)
    main = words[: extension.start()] if extension else words
    digits = re.sub(r"\D", "", _read_digits(main))
    digits = digits[1:] if len(digits) == 11 and digits.startswith("1") else digits
    if len(digits) != 10:
        return None
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}" + (f" x{extension[1]}" if extension else "")


def email(text: str) -> str | None:
    """An address as written; None with letters that no mail system of a client here has: a label was read into it."""
    words = re.sub(r"\s+", "", tidy(text)).strip(".,;")
    return words if words.isascii() and re.fullmatch(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}", words) else None


def state(text: str) -> str | None:
    words = tidy(text).strip(".,").lower()
    if words in STATES:
        return STATES[words]
    short = words.replace(".", "").replace(" ", "").upper()
    return short if short in STATES.values() else None


def postal_code(text: str) -> str | None:
    digits = _read_digits(tidy(text))
    found = re.search(r"(?<!\d)(\d{5})(?:\s*-\s*(\d{4}))?(?!\d)", digits)
    return None if found is None else found[1] + (f"-{found[2]}" if found[2] else "")


def full_name(text: str) -> tuple[str, str, str]:
    """First, middle and last name of ``Maria J. Lopez`` or ``Lopez, Maria J.``; a suffix stays with the last name."""
    words = tidy(text)
    suffix = _SUFFIX.search(words)
    bare = words[: suffix.start()] if suffix else words
    if "," in bare:
        last, _, given = bare.partition(",")
        parts = given.replace(",", " ").split()
    else:
        parts = bare.split()
        last = _pop_last(parts)
    first = parts[0] if parts else ""
    ending = f" {suffix[1]}" if suffix else ""
    return first, " ".join(parts[1:]), (tidy(last) + ending).strip()


def _pop_last(parts: list[str]) -> str:
    """The last name with its particles ("de la Cruz")."""
    if len(parts) < 2:
        return ""
    last = [parts.pop()]
    while len(parts) > 1 and parts[-1].lower() in ("de", "la", "del", "van", "von", "der", "den", "di", "da", "st."):
        last.insert(0, parts.pop())
    return " ".join(last)


def city_state_zip(text: str) -> tuple[str | None, str | None, str | None]:
    """The parts of ``Springfield, IL 62704``."""
    words = tidy(text)
    code = re.search(r"(?<!\d)\d{5}(?:-\d{4})?\s*$", words)  # also "MN57854", as a scan may be read
    rest = words[: code.start()].strip(" ,") if code else words
    parts = [part for part in re.split(r"[,\s]+", rest) if part]
    for take in (1, 2, 3):
        found = state(" ".join(parts[-take:])) if len(parts) >= take else None
        if found:
            city = rest[: len(rest) - len(" ".join(parts[-take:]))].strip(" ,")
            return city or None, found, code[0].strip() if code else None
    return rest.strip(" ,") or None, None, code[0].strip() if code else None


def whole_number(text: str, highest: int) -> int | None:
    """A number of an answer such as ``7``, ``7/27`` or ``= 7``."""
    words = tidy(text)
    words = words.translate(_DIGITS) if len(words) <= 2 else _read_digits(words)
    found = re.search(r"(?<![\w.])(\d{1,2})(?![\w.])", words)
    return int(found[1]) if found and int(found[1]) <= highest else None


def name(text: str) -> str | None:
    """A name as written; None for what has numbers in it, such as the telephone number beside it."""
    return None if sum(letter.isdigit() for letter in text) > 1 else tidy(text)


def member_id(text: str) -> str | None:
    """The number of a member as printed; None for words, which no card calls a number."""
    numbered = any(letter.isdigit() for letter in text)
    return text if numbered and len(text) <= _LONGEST_NUMBER and len(text.split()) <= _MOST_GROUPS else None
