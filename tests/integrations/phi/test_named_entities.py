"""spaCy as a detector behind the boundary: it finds people and places that the chart does not know."""

import pytest

from therapyflows.governance.phi import ChartIdentifiers, Identifier, IdentifierType, PhiBoundary
from therapyflows.integrations.phi.named_entities import NamedEntities

CHART = ChartIdentifiers((Identifier(IdentifierType.CLIENT, "Marlowe", "client"),))
SPOKEN = (
    "s1 | client | So I talked to Barnaby Nosuchname in Springfield about it.\n"
    "s2 | therapist | Tell me more about Barnaby, Marlowe."
)


@pytest.fixture(scope="module")
def detector() -> NamedEntities:
    return NamedEntities()


def test_people_and_places_outside_the_chart_become_tokens(detector: NamedEntities) -> None:
    boundary = PhiBoundary(CHART, additional=[detector])
    redaction = boundary.redact(SPOKEN)
    assert redaction.text == (
        "s1 | client | So I talked to [PERSON_1] in [LOCATION_1] about it.\n"
        "s2 | therapist | Tell me more about [PERSON_1.2], [CLIENT]."
    )
    assert boundary.restore(redaction.text) == SPOKEN


def test_the_chart_knows_better_than_the_recognizer(detector: NamedEntities) -> None:
    boundary = PhiBoundary(CHART, additional=[detector])
    assert boundary.redact("I met Marlowe yesterday.").text == "I met [CLIENT] yesterday."


def test_our_own_instructions_are_not_searched(detector: NamedEntities) -> None:
    boundary = PhiBoundary(CHART, additional=[detector])
    assert boundary.redact("Write as Barnaby Nosuchname would.", ours=True).counts == {}


def test_the_ids_of_lines_stay_readable(detector: NamedEntities) -> None:
    text = "\n".join(f"s{n} | {who} | Hmm. Mm." for n, who in enumerate(["client", "therapist"] * 90, 1))
    assert PhiBoundary(CHART, additional=[detector]).redact(text).text == text


@pytest.mark.parametrize("text", ["", "\n", "...", "👋"])
def test_a_text_without_words_is_fine(detector: NamedEntities, text: str) -> None:
    assert PhiBoundary(CHART, additional=[detector]).redact(text).text == text
