"""Who a chart file says a note is about: names, pronouns, age and numbers, for the checks of identity."""

from collections.abc import Mapping
from datetime import date

from therapyflows.core.people import age_on
from therapyflows.governance.evidence.whole.model import People
from therapyflows.governance.phi import IdentifierType
from therapyflows.integrations.documents.chart_file import read_chart

_OTHERS = (IdentifierType.CLIENT_CONTACT, IdentifierType.CLINICIAN)
_NUMBERS = (IdentifierType.RECORD_NUMBER, IdentifierType.MEMBER_NUMBER, IdentifierType.OTHER_ID)


def people_in_chart(data: object) -> People:
    """The people of a parsed chart file.  Raises Invalid: ``chart_unreadable``, ``chart_empty``."""
    chart = read_chart(data)
    known = chart.identifiers
    birth = _birth_date([found.value for found in known.of(IdentifierType.DATE)])
    told = _own_words(data)
    age = told.get("age")
    if birth is not None and chart.session_date is not None:
        age = age_on(birth, chart.session_date)
    return People(
        client_names=tuple(found.value for found in known.of(IdentifierType.CLIENT)),
        other_names=tuple(found.value for found in known.of(*_OTHERS)),
        pronouns=str(told["pronouns"]) if isinstance(told.get("pronouns"), str) else None,
        age=age if isinstance(age, int) else None,
        birth_date=birth.isoformat() if birth else None,
        numbers=tuple(found.value for found in known.of(*_NUMBERS)),
    )


def _birth_date(dates: list[str]) -> date | None:
    """The client's, when the chart holds no other date that it could be."""
    try:
        return date.fromisoformat(dates[0]) if len(dates) == 1 else None
    except ValueError:
        return None


def _own_words(data: object) -> Mapping[str, object]:
    """What is no identifier and told in so many words: ``pronouns``, ``age``."""
    if not isinstance(data, Mapping):
        return {}
    inner = data.get("client")
    return {**data, **inner} if isinstance(inner, Mapping) else data
