"""The eighteen identifiers of HIPAA's Safe Harbor (45 CFR 164.514(b)(2)(i)) and who looks for each.

The same table stands in docs/compliance.md.  A test holds one example, written and said, against every line.
"""

from dataclasses import dataclass

from therapyflows.governance.phi.model import IdentifierType as Kind


@dataclass(frozen=True, slots=True)
class SafeHarborLine:
    letter: str
    """Paragraph of 164.514(b)(2)(i)."""
    what: str
    types: tuple[Kind, ...]
    """Types of the tokens that stand for it."""
    found_by: str
    """Modules in ``detectors/``, and ``named entities`` for the recognizer."""


SAFE_HARBOR = (
    SafeHarborLine(
        "A",
        "names",
        (Kind.CLIENT, Kind.CLIENT_CONTACT, Kind.CLINICIAN, Kind.PERSON),
        "names, spelled_names, near_names, initials; people; named entities",
    ),
    SafeHarborLine(
        "B",
        "places smaller than a state, ZIP codes",
        (Kind.ADDRESS, Kind.LOCATION, Kind.ZIP, Kind.FACILITY, Kind.EMPLOYER, Kind.SCHOOL, Kind.ORGANIZATION),
        "places, numbers; addresses, towns, institutions, workplaces, patterns; named entities",
    ),
    SafeHarborLine(
        "C", "dates but for the year, ages over 89", (Kind.DATE, Kind.AGE), "birth_dates; patterns, spoken_numbers"
    ),
    SafeHarborLine("D", "telephone numbers", (Kind.PHONE,), "numbers; patterns, spoken_numbers"),
    SafeHarborLine("E", "fax numbers", (Kind.FAX,), "numbers; patterns, spoken_numbers"),
    SafeHarborLine("F", "e-mail addresses", (Kind.EMAIL,), "contact_points; patterns"),
    SafeHarborLine("G", "social security numbers", (Kind.SSN,), "numbers; patterns, spoken_numbers"),
    SafeHarborLine("H", "medical record numbers", (Kind.RECORD_NUMBER,), "numbers; patterns, spoken_numbers"),
    SafeHarborLine("I", "health plan beneficiary numbers", (Kind.MEMBER_NUMBER,), "numbers; patterns, spoken_numbers"),
    SafeHarborLine("J", "account numbers", (Kind.ACCOUNT_NUMBER,), "numbers; patterns, spoken_numbers"),
    SafeHarborLine("K", "certificate and licence numbers", (Kind.LICENSE_NUMBER,), "numbers; patterns, spoken_numbers"),
    SafeHarborLine("L", "vehicle identifiers, licence plates", (Kind.VEHICLE_ID,), "numbers; patterns, spoken_numbers"),
    SafeHarborLine(
        "M", "device identifiers and serial numbers", (Kind.DEVICE_ID,), "numbers; patterns, spoken_numbers"
    ),
    SafeHarborLine("N", "web addresses", (Kind.URL,), "contact_points; patterns"),
    SafeHarborLine("O", "internet protocol addresses", (Kind.IP,), "places; patterns"),
    SafeHarborLine(
        "P",
        "finger and voice prints",
        (Kind.BIOMETRIC_ID,),
        "patterns find the numbers of stored prints; recordings never leave the machine that transcribes",
    ),
    SafeHarborLine(
        "Q",
        "photographs of faces",
        (Kind.PHOTO,),
        "patterns find pictures inside a text; picture files never reach a text or a model",
    ),
    SafeHarborLine("R", "any other unique number or code", (Kind.OTHER_ID,), "numbers; patterns, spoken_numbers"),
)
