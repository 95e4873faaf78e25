"""Synthetic people and what they would answer.  Deterministic in the seed; some answers are left out, as on real forms."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from faker import Faker

PAYERS = (
    "Aetna", "Blue Cross Blue Shield of Texas", "Cigna", "UnitedHealthcare", "Humana", "Kaiser Permanente", "Anthem",
    "Molina Healthcare", "Optum", "Tricare West", "Medicare", "Ambetter", "Magellan Health", "Oscar Health", "Highmark",
)  # fmt: skip
PROBLEMS = (
    "I have been feeling anxious most days and cannot sleep through the night.",
    "Trouble at work since my mother died in the spring. I cry a lot.",
    "Panic attacks while driving, twice last week on the highway.",
    "My partner and I argue all the time and I want to handle anger better.",
    "Low mood, no energy, I stopped seeing my friends.",
    "Nightmares after a car accident and I avoid that road now.",
    "Worry about money and health that I cannot switch off.",
    "School stress and feeling left out by other kids.",
)
ONSETS = ("about 3 months", "since January 2025", "2 years", "six weeks ago", "since high school")
GOALS = (
    "Sleep better and feel calmer at work",
    "Be able to drive again",
    "Get along with my family",
    "Enjoy things again",
)
MEDICAL = (
    "High blood pressure",
    "Asthma as a child",
    "Type 2 diabetes",
    "Migraines",
    "Thyroid problems",
    "Back pain after surgery in 2019",
)
PSYCHIATRIC = (
    "Saw a counselor in college for depression",
    "Diagnosed with ADHD at age 12",
    "Treated for anxiety in 2018",
    "Couples counseling last year",
)
FAMILY = (
    "Mother has depression",
    "Brother with alcohol problems",
    "Grandmother had bipolar disorder",
    "Father anxious, never treated",
)
SUBSTANCE = (
    "Two glasses of wine on weekends",
    "Half a pack of cigarettes a day",
    "Cannabis gummies to sleep",
    "I do not drink",
)
TRAUMA = (
    "Car accident in 2021",
    "House fire when I was nine",
    "Bullied in middle school",
    "Lost a close friend to illness",
)
MEDICATIONS = (
    ("Sertraline", "50 mg", "once daily"), ("Bupropion XL", "150 mg", "every morning"), ("Lisinopril", "10 mg", "daily"),
    ("Trazodone", "50 mg", "at bedtime"), ("Metformin", "500 mg", "twice daily"), ("Levothyroxine", "75 mcg", "every morning"),
    ("Albuterol", "90 mcg", "as needed"), ("Escitalopram", "20 mg", "once daily"),
)  # fmt: skip
ALLERGIES = ("Penicillin", "Sulfa drugs", "None known", "Peanuts and shellfish", "Latex")
RELATIONS = ("Mother", "Father", "Sister", "Brother", "Husband", "Wife", "Friend", "Partner")
MARITAL = ("Single", "Married", "Divorced", "Widowed", "Separated")
SEXES = ("Male", "Female")
PRONOUNS = ("she/her", "he/him", "they/them")
SUBSCRIBER = ("Self", "Spouse", "Child", "Other")
LANGUAGES = ("English", "Spanish", "Vietnamese", "English", "English")
JOBS = ("Nurse", "Electrician", "Teacher", "Cashier", "Software developer", "Bus driver", "Student", "Chef")
REFERRERS = ("Dr. Patel", "A friend", "Insurance directory", "School counselor", "Web search")
RISKS = (
    "suicidal_thoughts",
    "suicide_attempt",
    "self_harm",
    "harm_to_others",
    "abuse",
    "weapons_access",
    "safe_at_home",
)
TODAY = date(2026, 11, 20)
SKIPPED = 0.12
"""Share of answers that are left out."""


@dataclass(frozen=True)
class Person:
    """What one client answers: by the path of the field; a path that is missing was left empty."""

    answers: dict[str, Any] = field(default_factory=dict)

    def get(self, path: str) -> Any:
        return self.answers.get(path)

    def text(self, path: str) -> str:
        """The answer as it is written on paper."""
        value = self.answers.get(path)
        if value is None:
            return ""
        return value.strftime("%m/%d/%Y") if isinstance(value, date) else str(value)


def make_person(seed: int) -> Person:
    chance = random.Random(seed)
    fake = Faker("en_US")
    fake.seed_instance(seed)
    everything = {
        **_client(chance, fake), **_contact(chance, fake), **_others(chance, fake), **_insurance(chance, fake),
        **_clinical(chance), **_medications(chance, fake), **_risk(chance), **_measures(chance),
    }  # fmt: skip
    kept = {
        path: value
        for path, value in everything.items()
        if value is not None and (path in ALWAYS or path.startswith("medications") or chance.random() >= SKIPPED)
    }
    kept |= _consent(chance, kept)
    own = random.Random(f"{seed} asked by later layouts")  # one that leaves the answers above as they were
    kept |= {"contact.mobile_phone": _phone(own), "completed_on": TODAY - timedelta(days=own.randint(0, 9))}
    return Person(kept)


ALWAYS = {"demographics.first_name", "demographics.last_name"}


def _client(chance: random.Random, fake: Faker) -> dict[str, Any]:
    sex = chance.choice(SEXES)
    first = fake.first_name_male() if sex == "Male" else fake.first_name_female()
    age = chance.choice((chance.randint(9, 17), chance.randint(18, 85), chance.randint(18, 85), chance.randint(18, 60)))
    last = fake.last_name() + (f"-{fake.last_name()}" if chance.random() < 0.1 else "")
    return {
        "demographics.first_name": first,
        "demographics.middle_name": chance.choice((None, fake.first_name(), chance.choice("ABCDEJKLMNRST"))),
        "demographics.last_name": last,
        "demographics.preferred_name": first[:4].title() if chance.random() < 0.4 else None,
        "demographics.pronouns": chance.choice(PRONOUNS),
        "demographics.birth_date": TODAY - timedelta(days=age * 365 + chance.randint(0, 364)),
        "demographics.sex": sex,
        "demographics.marital_status": chance.choice(MARITAL) if age > 17 else "Single",
        "demographics.language": chance.choice(LANGUAGES),
        "demographics.employer": fake.company().replace(",", "") if age > 17 else None,
        "demographics.occupation": chance.choice(JOBS) if age > 17 else "Student",
        "demographics.referred_by": chance.choice(REFERRERS),
    }


def _phone(chance: random.Random) -> str:
    return f"({chance.randint(201, 989)}) 555-{chance.randint(100, 9999):04d}"


def _contact(chance: random.Random, fake: Faker) -> dict[str, Any]:
    street = fake.street_address().replace("\n", " ")
    return {
        "contact.address_line": street,
        "contact.city": fake.city(),
        "contact.state": fake.state_abbr(include_territories=False, include_freely_associated_states=False),
        "contact.postal_code": f"{chance.randint(10000, 99950)}"
        + (f"-{chance.randint(1000, 9999)}" if chance.random() < 0.15 else ""),
        "contact.phone": _phone(chance),
        "contact.home_phone": _phone(chance) if chance.random() < 0.5 else None,
        "contact.work_phone": _phone(chance) if chance.random() < 0.4 else None,
        "contact.email": fake.user_name() + chance.choice("_.7") + "x@" + fake.free_email_domain(),
    }


def _others(chance: random.Random, fake: Faker) -> dict[str, Any]:
    guardian = chance.random() < 0.35
    return {
        "emergency_contact.name": f"{fake.first_name()} {fake.last_name()}",
        "emergency_contact.relationship": chance.choice(RELATIONS),
        "emergency_contact.phone": _phone(chance),
        "guardian.name": f"{fake.first_name()} {fake.last_name()}" if guardian else None,
        "guardian.relationship": chance.choice(("Mother", "Father", "Grandmother")) if guardian else None,
        "guardian.phone": _phone(chance) if guardian else None,
    }


def _insurance(chance: random.Random, fake: Faker) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for which in ("primary", "secondary") if chance.random() < 0.3 else ("primary",):
        letters = "".join(chance.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(chance.choice((0, 1, 3))))
        found |= {
            f"insurance.{which}.payer": chance.choice(PAYERS),
            f"insurance.{which}.member_id": letters + f"{chance.randint(10**7, 10**10)}",
            f"insurance.{which}.group_number": chance.choice(
                (f"{chance.randint(1000, 99999)}", f"{chance.randint(10, 99)}-{chance.randint(1000, 9999)}")
            ),
            f"insurance.{which}.subscriber_name": f"{fake.first_name()} {fake.last_name()}",
            f"insurance.{which}.subscriber_birth_date": TODAY - timedelta(days=chance.randint(9000, 26000)),
            f"insurance.{which}.subscriber_relationship": chance.choice(SUBSCRIBER),
        }
    return found


def _clinical(chance: random.Random) -> dict[str, Any]:
    def maybe(options: tuple[str, ...], share: float) -> str | None:
        return chance.choice(options) if chance.random() < share else None

    return {
        "presenting.problem": chance.choice(PROBLEMS),
        "presenting.onset": chance.choice(ONSETS),
        "presenting.goals": maybe(GOALS, 0.7),
        "history.medical": maybe(MEDICAL, 0.6),
        "history.psychiatric": maybe(PSYCHIATRIC, 0.6),
        "history.family": maybe(FAMILY, 0.6),
        "history.substance": maybe(SUBSTANCE, 0.6),
        "history.trauma": maybe(TRAUMA, 0.4),
        "history.prior_counseling": chance.random() < 0.5,
        "history.prior_hospitalization": chance.random() < 0.15,
        "allergies": chance.choice(ALLERGIES),
    }


def _medications(chance: random.Random, fake: Faker) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for at, (name, dose, frequency) in enumerate(chance.sample(MEDICATIONS, chance.randint(0, 3))):
        found[f"medications.{at}.name"] = name
        found[f"medications.{at}.dose"] = dose
        found[f"medications.{at}.frequency"] = frequency
        found[f"medications.{at}.prescriber"] = f"Dr. {fake.last_name()}"
    return found


def _risk(chance: random.Random) -> dict[str, Any]:
    return {f"risk.{name}": chance.random() < (0.9 if name == "safe_at_home" else 0.15) for name in RISKS}


def _measures(chance: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {}
    level = chance.random()
    for name, count in (("phq9", 9), ("gad7", 7)):
        for at in range(count):
            found[f"{name}.items.{at}"] = min(3, int(chance.random() * 2.2 + level * 2))
        found[f"{name}.stated_total"] = (
            sum(found[f"{name}.items.{at}"] for at in range(count)) if chance.random() < 0.6 else None
        )
    return found


def _consent(chance: random.Random, known: dict[str, Any]) -> dict[str, Any]:
    """A signature with its date; the signature is the typed name."""
    if chance.random() < 0.1:
        return {}
    signed = f"{known['demographics.first_name']} {known['demographics.last_name']}"
    return {"consents.0.signature": signed, "consents.0.signed_on": TODAY - timedelta(days=chance.randint(0, 20))}
