"""Makes people, their charts, and sentences that name them, written and as a speech recognizer gives them.

For benchmarks/phi.py.  It imports nothing of what it tests: names come from Faker in several countries' sets;
nicknames, mishearings and ways to say a number are this file's own.  Every kind has at least 35 surface forms (ways to
render the value times sentences around it); ``surface_forms()`` counts them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from faker import Faker

VALUE = ("\u27e6", "\u27e7")
"""Brackets around an inserted value until its place is known."""
_LOCALES = ("en_US",) * 7 + ("es_MX", "en_IN", "de_DE", "it_IT", "fr_FR", "pl_PL")
_FAKERS = {locale: Faker(locale) for locale in set(_LOCALES)}
_DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December"]  # fmt: skip
_NICKNAMES = {
    "Robert": ["Bob", "Rob", "Bobby"], "William": ["Bill", "Billy", "Will"], "Elizabeth": ["Liz", "Beth", "Betsy"],
    "Margaret": ["Maggie", "Peggy", "Meg"], "Katherine": ["Kate", "Kathy", "Katie"], "Michael": ["Mike", "Mikey"],
    "James": ["Jim", "Jimmy", "Jamie"], "Richard": ["Rick", "Dick", "Richie"], "Patricia": ["Pat", "Trish", "Patty"],
    "Jennifer": ["Jen", "Jenny"], "Thomas": ["Tom", "Tommy"], "Christopher": ["Chris", "Topher"], "Susan": ["Sue", "Susie"],
    "Daniel": ["Dan", "Danny"], "Matthew": ["Matt"], "Anthony": ["Tony"], "Deborah": ["Deb", "Debbie"],
    "Rebecca": ["Becky", "Becca"], "Steven": ["Steve"], "Samantha": ["Sam"], "Alexander": ["Alex", "Xander"],
    "Jonathan": ["Jon"], "Nicholas": ["Nick"], "Victoria": ["Vicky", "Tori"], "Joseph": ["Joe", "Joey"],
    "Edward": ["Ed", "Eddie", "Ted"], "Charles": ["Charlie", "Chuck"], "Kimberly": ["Kim"], "Gregory": ["Greg"],
    "Benjamin": ["Ben"], "Abigail": ["Abby"], "Theodore": ["Ted", "Theo"], "Lawrence": ["Larry"], "Barbara": ["Barb"],
}  # fmt: skip
_MISHEARD = [("ph", "f"), ("c", "k"), ("ck", "k"), ("y", "ie"), ("ie", "y"), ("ee", "ea"), ("th", "t"), ("s", "z"), ("er", "or"),
             ("ai", "ay"), ("ou", "u"), ("e", "i"), ("a", "e"), ("o", "u"), ("ll", "l"), ("nn", "n"), ("tt", "t"), ("i", "e"),
             ("v", "b"), ("d", "t"), ("m", "n"), ("z", "s"), ("k", "c"), ("w", "wh"), ("en", "an"), ("on", "an")]  # fmt: skip
_TRADES = ["Plumbing", "Bakery", "Logistics", "Dental", "Roofing", "Books", "Brewing", "Auto Repair", "Landscaping",
           "Catering", "Freight", "Realty"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence with one value in VALUE brackets."""

    kind: str
    sentence: str
    in_chart: bool


@dataclass(frozen=True, slots=True)
class Person:
    first: str
    last: str

    @property
    def full(self) -> str:
        return f"{self.first} {self.last}"


def person(rng: Random) -> Person:
    source = _FAKERS[rng.choice(_LOCALES)]
    source.seed_instance(rng.randrange(10**9))
    while len(first := source.first_name().split()[0]) < 3 or len(last := source.last_name().split()[-1]) < 3:
        pass
    return Person(first, last)


def chart(rng: Random) -> dict[str, object]:
    """A client's chart as JSON: keys of the EHR contract."""
    client = person(rng)
    first = rng.choice(sorted(_NICKNAMES)) if rng.random() < 0.5 else client.first
    mother, partner, clinician = person(rng), person(rng), person(rng)
    source = _FAKERS["en_US"]
    source.seed_instance(rng.randrange(10**9))
    born = date(1940, 1, 1) + timedelta(days=rng.randrange(25000))
    return {
        "firstName": first, "lastName": client.last, "birthDate": born.isoformat(),
        "mrn": rng.choice(["MR-{}", "{}", "TN{}"]).format(rng.randrange(100000, 9999999)),
        "phone": f"({rng.randrange(201, 989)}) {rng.randrange(200, 999)}-{rng.randrange(10000):04d}",
        "email": f"{client.last.lower()}.{first.lower()}{rng.randrange(10, 99)}@example.org",
        "addressLine": f"{rng.randrange(10, 9999)} {source.last_name()} {rng.choice(['Street', 'Avenue', 'Road', 'Lane'])}",
        "city": source.city(), "postalCode": f"{rng.randrange(1001, 99950):05d}",
        "employer": employer(rng),
        "contacts": [
            {"name": mother.full, "relationship": "mother"},
            {"name": partner.full, "relationship": "partner"},
        ],
        "insurance": [{"payer": "Example Health", "memberId": f"{rng.choice(['XQ', 'W', 'ABC'])}{rng.randrange(10**8, 10**9)}"}],
        "clinician": {"name": f"Dr. {clinician.full}"},
    }  # fmt: skip


def employer(rng: Random) -> str:
    return rng.choice(
        [f"{person(rng).last} {rng.choice(_TRADES)}", f"{person(rng).last} and {person(rng).last}",
         f"{rng.choice(['Blue', 'Red', 'North', 'Golden', 'Silver'])} {rng.choice(['Heron', 'Oak', 'Harbor', 'Fox'])} {rng.choice(_TRADES)}"]
    )  # fmt: skip


# --- how a value is written or said -------------------------------------------------------------------------------

Render = Callable[[str, Random], str]


def _number_words(number: int) -> str:
    if number < 10:
        return _DIGITS[number]
    if number < 20:
        return _TEENS[number - 10]
    if number < 100:
        return _TENS[number // 10] + (f" {_DIGITS[number % 10]}" if number % 10 else "")
    if number < 1000:
        rest = number % 100
        return f"{_DIGITS[number // 100]} hundred" + (f" {_number_words(rest)}" if rest else "")
    return f"{_number_words(number // 100)} {_number_words(number % 100) if number % 100 > 9 else 'oh ' + _DIGITS[number % 10]}"


def _ordinal_words(number: int) -> str:
    special = {1: "first", 2: "second", 3: "third", 5: "fifth", 8: "eighth", 9: "ninth", 12: "twelfth", 20: "twentieth",
               30: "thirtieth"}  # fmt: skip
    if number in special:
        return special[number]
    if number > 20 and number % 10:
        return f"{_TENS[number // 10]} {_ordinal_words(number % 10)}"
    return f"{_number_words(number)}th"


def _each_digit(value: str, rng: Random, zero: str = "zero") -> str:
    return " ".join((zero if c == "0" else _DIGITS[int(c)]) if c.isdigit() else c for c in value if c.isalnum())


def _year_words(year: int) -> str:
    century, rest = divmod(year, 100)
    if century == 20 and rest < 10:
        return "two thousand" + (f" {_DIGITS[rest]}" if rest else "")
    return f"{_number_words(century)} {'oh ' + _DIGITS[rest] if 0 < rest < 10 else 'hundred' if not rest else _number_words(rest)}"


def misheard(name: str, rng: Random) -> str:
    """The name with a sound or two changed, never the first letter."""
    changed = name
    for _ in range(2 if len(name) > 7 else 1):
        options = [(a, b, m.start()) for a, b in _MISHEARD for m in re.finditer(a, changed[1:].lower())]
        if options:
            old, new, at = rng.choice(options)
            changed = changed[: at + 1] + new + changed[at + 1 + len(old) :]
    return changed


def _date_forms(value: str, spoken: bool) -> list[str]:
    day = date.fromisoformat(value)
    month = _MONTHS[day.month - 1]
    if spoken:
        return [
            f"{month} {_ordinal_words(day.day)} {_year_words(day.year)}", f"{month} the {_ordinal_words(day.day)}",
            f"the {_ordinal_words(day.day)} of {month} {_year_words(day.year)}",
            f"{month} the {_ordinal_words(day.day)} {_number_words(day.year % 100)}" if day.year % 100 > 9 else f"{month} {_ordinal_words(day.day)}",
        ]  # fmt: skip
    return [
        day.strftime("%m/%d/%Y"), f"{day.month}/{day.day}/{day.year % 100:02d}", f"{month} {day.day}, {day.year}",
        value, f"{day.day} {month} {day.year}", f"{month[:3]} {day.day} {day.year}", f"{month} {day.day}",
    ]  # fmt: skip


def _phone_forms(value: str, spoken: bool, rng: Random) -> list[str]:
    digits = re.sub(r"\D", "", value)
    a, b, c = digits[:3], digits[3:6], digits[6:]
    if spoken:
        pairs = f"{_each_digit(a, rng)} {_each_digit(b, rng)} {_number_words(int(c[:2])) if c[0] not in '0' else _each_digit(c[:2], rng, 'oh')} {_number_words(int(c[2:])) if c[2] not in '0' else _each_digit(c[2:], rng, 'oh')}"
        return [_each_digit(digits, rng), _each_digit(digits, rng, "oh"), _each_digit(b + c, rng), pairs]
    return [value, f"{a}-{b}-{c}", f"{a}.{b}.{c}", f"+1 {a} {b} {c}", digits, f"{b}-{c}", f"1-{a}-{b}-{c}"]


def _address_forms(value: str, spoken: bool, rng: Random) -> list[str]:
    number, street = value.split(" ", 1)
    short = street.replace("Street", "St").replace("Avenue", "Ave").replace("Road", "Rd").replace("Lane", "Ln")
    if spoken:
        return [f"{_each_digit(number, rng)} {street}", f"{_number_words(int(number))} {street}", street]
    return [value, f"{number} {short}.", f"{number} {short}, Apt 4B", street, value.upper()]


def _code_forms(value: str, spoken: bool, rng: Random) -> list[str]:
    if spoken:
        return [_each_digit(value, rng), _each_digit(value, rng, "oh")]
    dense = re.sub(r"\W", "", value)
    return [value, dense, value.lower(), f"{dense[:-4]}-{dense[-4:]}", f"{dense[:-4]} {dense[-4:]}"]


def _email_forms(value: str, spoken: bool) -> list[str]:
    if spoken:
        said = re.sub(r"(\d)(\d)", lambda m: f" {_number_words(int(m.group()))}", value)
        return [said.replace(".", " dot ").replace("@", " at "), value.replace(".", " dot ").replace("@", " at ")]
    return [value, value.upper(), value.title()]


# --- the sentences ------------------------------------------------------------------------------------------------

_NAME_SENTENCES = [
    "Then {} came over and we talked.", "I told {} I would call back.", "You know, {} never said that.",
    "So I asked {} about the weekend.", "Everyone was there, even {}.", "{} thinks I should cut down.",
    "It was {}'s idea in the first place.", "I really miss {} sometimes.", "Hi, this is {} again.",
    "They wrote {} on the form.", "He said, {}, you have to stop.", "I don't want {} to know about this.",
    "My name is {}.", "Can you tell {} that I tried?", "After that {} and I stopped talking.",
]  # fmt: skip
_SELF_SENTENCES = [
    "My name is {}, by the way.", "Hi, I'm {}.", "It says {} on the chart.", "They call me {} at home.",
    "Thanks for coming in today, {}.", "So {}, how was your week?", "You can put down {}.", "This is {} calling.",
    "{} was referred by the clinic.", "{} reports sleeping better.", "Good to see you, {}.", "The card says {}.",
]  # fmt: skip
_PHONE_SENTENCES = [
    "You can reach me at {}.", "My number is {}.", "Call {} if anything changes.", "It's {}, leave a message.",
    "The phone on file is {}.", "Text me at {}.", "I gave them {}.", "My cell is {} now.", "Is {} still right?",
]  # fmt: skip
_DATE_SENTENCES = [
    "I was born {}.", "My birthday is {}.", "Date of birth {}.", "It says {} on my license.", "I turned forty on {}.",
    "Born on {}, the oldest of three.", "They have {} as the date.", "Wasn't it {}?", "We celebrated on {}.",
]  # fmt: skip
_CODE_SENTENCES = {
    "mrn": [
        "The MRN is {}.", "Medical record number {}.", "My chart number is {}.", "It says record number {}.", "MRN {} is me.",
        "Look under {}, that's my medical record.", "Record number {}, I think.", "They asked for {} at the desk.",
        "My patient number is {}.", "It is {} on the bracelet.", "The label said {}.", "The hospital has me as {}.",
        "You find me under {}.", "I wrote down {} for you.", "Is {} the right chart?", "The file is {}.",
        "Use {} when you call them.", "Patient ID {}, please.",
    ],
    "member": [
        "My member ID is {}.", "Member number {}.", "The insurance card says {}.", "Policy number is {}.",
        "Subscriber {} on the card.", "My insurance ID is {}.", "The plan number, {}, is on the card.",
        "It's {} with the insurance.", "They need {} to bill it.", "I read them {} over the phone.", "The card has {} on it.",
        "Group and member are both {}.", "Is {} still active?", "My old ID was {}.", "They denied {}.",
        "Health plan number {}.", "My wife is under {}, too.", "It begins like {}.",
    ],
}  # fmt: skip
_ADDRESS_SENTENCES = [
    "I live at {}.", "We moved to {} last year.", "Send it to {}.", "The house on {} was sold.", "My address is {}.",
    "She still lives at {}.", "It's {}, by the park.", "They came to {}.", "I grew up at {}.", "He drove past {} again.",
    "Do you know {}?", "The police were at {}.",
]  # fmt: skip
_EMAIL_SENTENCES = ["My email is {}.", "Write to {}.", "It's {}.", "They used {} for the portal.", "Send the form to {}.",
                    "You have {}, right?", "I never check {}.", "Email me at {}.", "The login is {}.", "Is it {}?",
                    "I think {} bounced.", "Use {} from now on.", "I gave him {}.", "That account, {}, is old.",
                    "Reach me at {}.", "Copy {} on it.", "Please update it to {}.", "The address is {}."]  # fmt: skip
_WORK_SENTENCES = [
    "I work at {}.", "I've been at {} for three years.", "They fired me from {}.", "I used to work for {}.",
    "My job at {} is stressful.", "She got hired at {}.", "I started working for {} in the fall.", "He is a manager at {}.",
    "Everybody at {} drinks.", "I quit {} last month.", "My shift at {} starts at six.", "I applied to {}.",
    "The people at {} are nice.", "My boss at {} yells.",
]  # fmt: skip
_THIRD_SENTENCES = [
    "My boss {} keeps yelling at me.", "I was out with my friend {} last night.", "My neighbor {} called the police.",
    "So {} said I should come here.", "I had a fight with {} about it.", "My coworker {} covers for me.",
    "There's this guy {} at the gym.", "My ex, {}, has the kids.", "I told {} everything.", "Then {} picked me up.",
    "It was {} who found me.", "My sponsor {} helps a lot.", "I went over to {}'s house.", "My cousin {} is sober now.",
    "Have you talked to {} about that?", "{} doesn't drink at all.", "My teacher {} noticed.", "I saw {} yesterday.",
    "My brother {} is the same way.", "I live with {} and two cats.", "Last week {} told me to stop.",
    "My daughter {} worries about me.", "I can't forgive {} for that.", "Doctor {} gave me the pills.",
]  # fmt: skip


def _names(value: dict[str, object], rng: Random) -> dict[str, list[str]]:
    first, last = str(value["firstName"]), str(value["lastName"])
    nicknames = _NICKNAMES.get(first, [first])
    return {
        "client name": [first, f"{first} {last}", f"{last}, {first}", last, f"Mr. {last}", first.upper()],
        "client nickname": [*nicknames, f"{rng.choice(nicknames)} {last}", rng.choice(nicknames), rng.choice(nicknames)],
        "client misheard": [misheard(first, rng), misheard(last, rng), f"{first} {misheard(last, rng)}",
                            f"{misheard(first, rng)} {last}", misheard(last, rng)],
        "client initials": [f"{first[0]}.{last[0]}.", f"{first[0]}. {last[0]}.", f"{first[0]}{last[0]}", f"{first[0]}. {last}"],
        "client spelled": ["-".join(last.upper()), " ".join(last.upper()), ", ".join(first.upper()), " ".join(first.upper())],
    }  # fmt: skip


def chart_cases(value: dict[str, object], rng: Random, *, spoken: bool) -> list[Case]:
    """One case for each kind of identifier in the chart."""
    contacts = value["contacts"]
    assert isinstance(contacts, list)
    contact = str(rng.choice(contacts)["name"])
    insurance, clinician = value["insurance"], value["clinician"]
    assert isinstance(insurance, list)
    assert isinstance(clinician, dict)
    doctor = str(clinician["name"]).removeprefix("Dr. ")
    forms: list[tuple[str, list[str], list[str]]] = [
        *((kind, names, _SELF_SENTENCES) for kind, names in _names(value, rng).items()),
        ("contact", [contact, contact.split()[0], misheard(contact.split()[-1], rng)], _NAME_SENTENCES),
        ("clinician", [f"Dr. {doctor}", doctor, doctor.split()[0], f"Doctor {doctor.split()[-1]}"], _NAME_SENTENCES),
        ("phone", _phone_forms(str(value["phone"]), spoken, rng), _PHONE_SENTENCES),
        ("email", _email_forms(str(value["email"]), spoken), _EMAIL_SENTENCES),
        ("address", _address_forms(str(value["addressLine"]), spoken, rng), _ADDRESS_SENTENCES),
        ("birth date", _date_forms(str(value["birthDate"]), spoken), _DATE_SENTENCES),
        ("mrn", _code_forms(str(value["mrn"]), spoken, rng), _CODE_SENTENCES["mrn"]),
        ("member number", _code_forms(str(insurance[0]["memberId"]), spoken, rng), _CODE_SENTENCES["member"]),
        ("employer", [str(value["employer"]), str(value["employer"]).upper(), str(value["employer"]).replace(" and ", " & ")],
         _WORK_SENTENCES),
        ("city", [str(value["city"]), str(value["city"]).upper(), f"{value['city']} area"[:-5]], _ADDRESS_SENTENCES),
    ]  # fmt: skip
    return [_case(kind, rng.choice(values), rng.choice(sentences), True) for kind, values, sentences in forms]


def stranger_cases(rng: Random) -> list[Case]:
    """People and employers that no chart knows."""
    someone = person(rng)
    names = [someone.first, someone.first, someone.full, f"Mr. {someone.last}", someone.full]
    return [
        _case("third person", rng.choice(names), rng.choice(_THIRD_SENTENCES), False),
        _case("unknown employer", employer(rng), rng.choice(_WORK_SENTENCES), False),
    ]


def _case(kind: str, value: str, sentence: str, in_chart: bool) -> Case:
    if sentence.startswith("Doctor {}"):
        value = value.removeprefix("Mr. ")
    return Case(kind, sentence.replace("{}", f"{VALUE[0]}{value}{VALUE[1]}"), in_chart)


def as_recognized(text: str) -> str:
    """As a recognizer without punctuation gives it: lower case, numbers in words, no marks but apostrophes."""
    text = re.sub(r"\d+", lambda m: f" {_said(m.group())} ", text.lower())
    keep = re.escape("".join(VALUE))
    text = re.sub(rf"[^\w\s'{keep}]", " ", text)
    return re.sub(r"\s+", " ", text).strip()


def _said(digits: str) -> str:
    return (
        _number_words(int(digits))
        if len(digits) < 3 and digits[0] != "0"
        else " ".join(_DIGITS[int(d)] for d in digits)
    )


def surface_forms() -> dict[str, int]:
    """Surface forms by kind, the smaller of written and spoken: ways to render a value times sentences."""
    counts: dict[str, int] = {}
    rng = Random(0)
    value = chart(rng)
    value["firstName"] = "Robert"
    names = {kind: len(set(forms)) * len(_SELF_SENTENCES) for kind, forms in _names(value, rng).items()}
    for spoken in (False, True):
        found = {
            **names,
            "contact": 3 * len(_NAME_SENTENCES), "clinician": 4 * len(_NAME_SENTENCES),
            "phone": len(_phone_forms(str(value["phone"]), spoken, rng)) * len(_PHONE_SENTENCES),
            "email": len(_email_forms(str(value["email"]), spoken)) * len(_EMAIL_SENTENCES),
            "address": len(_address_forms(str(value["addressLine"]), spoken, rng)) * len(_ADDRESS_SENTENCES),
            "birth date": len(_date_forms(str(value["birthDate"]), spoken)) * len(_DATE_SENTENCES),
            "mrn": len(_code_forms("TN123456", spoken, rng)) * len(_CODE_SENTENCES["mrn"]),
            "member number": len(_code_forms("XQ12345678", spoken, rng)) * len(_CODE_SENTENCES["member"]),
            "employer": 3 * len(_WORK_SENTENCES), "city": 3 * len(_ADDRESS_SENTENCES),
            "third person": 3 * len(_THIRD_SENTENCES), "unknown employer": 3 * len(_WORK_SENTENCES),
        }  # fmt: skip
        for kind, number in found.items():
            counts[kind] = min(counts.get(kind, number), number)
    return counts
