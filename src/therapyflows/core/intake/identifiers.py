"""Who and what an intake form names, for the PHI boundary: a new client's chart knows none of it yet.

A name that the rules read in one field is replaced wherever it stands on the form, also where no list of names has it.
"""

import re
from collections.abc import Iterator

from therapyflows.core.intake.fields import walk
from therapyflows.core.intake.model import IntakeForm
from therapyflows.governance.phi import Identifier, IdentifierType
from therapyflows.governance.phi.lexicon import is_word

_OF_THE_CLIENT = frozenset({"first_name", "middle_name", "last_name", "preferred_name"})
_RELATED = {"emergency_contact": "form-emergency", "guardian": "form-guardian"}
_OTHER_PEOPLE = frozenset({"subscriber_name", "prescriber", "signature", "printed_name"})
_NAMED = {
    "email": IdentifierType.EMAIL,
    "address_line": IdentifierType.ADDRESS,
    "city": IdentifierType.LOCATION,
    "postal_code": IdentifierType.ZIP,
    "employer": IdentifierType.EMPLOYER,
    "school": IdentifierType.SCHOOL,
    "member_id": IdentifierType.MEMBER_NUMBER,
    "group_number": IdentifierType.MEMBER_NUMBER,
    "birth_date": IdentifierType.DATE,
    "subscriber_birth_date": IdentifierType.DATE,
}


def form_identifiers(form: IntakeForm) -> tuple[Identifier, ...]:
    """Every value of the form that names or locates somebody; the client's own come first and so keep shared names."""
    found = [(path, str(field.value)) for path, field in walk(form) if field.value is not None]
    ordered = sorted(found, key=lambda at: at[0].rsplit(".", 1)[-1] not in _OF_THE_CLIENT)
    return tuple(identifier for path, value in ordered for identifier in _identifiers(path, value))


def _identifiers(path: str, value: str) -> Iterator[Identifier]:
    group, _, name = path.rpartition(".")
    if name in _OF_THE_CLIENT:
        yield Identifier(IdentifierType.CLIENT, value, "client")
    elif name == "name" and group in _RELATED:
        yield Identifier(IdentifierType.CLIENT_CONTACT, value, _RELATED[group])
    elif name in _OTHER_PEOPLE:
        yield Identifier(IdentifierType.PERSON, value)
    elif name == "referred_by":  # a person's name among words like "my physician" or "a website"
        names = [word for word in re.findall(r"[^\W\d_]+", value) if word[0].isupper() and not is_word(word.lower())]
        yield from (Identifier(IdentifierType.PERSON, " ".join(names)) for _ in names[:1])
    elif name.endswith("phone"):
        yield Identifier(IdentifierType.PHONE, value)
    elif name in _NAMED:
        yield Identifier(_NAMED[name], value)
