"""The consent machine: every cell of its table, and any order of what was said."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.governance.consent.states import TRANSITIONS, ConsentRecord, Status, Word, after, standing

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)

# status: offer, grant, decline, withdraw, expire; "-" is no word that counts there.
EXPECTED = """
unknown:   offered granted declined withdrawn -
offered:   -       granted declined withdrawn -
granted:   -       granted declined withdrawn expired
declined:  -       granted declined -         -
withdrawn: -       granted declined withdrawn -
expired:   offered granted declined withdrawn -
"""
CELLS = [
    (Status(row.split(":")[0]), word, cell)
    for row in EXPECTED.strip().splitlines()
    for word, cell in zip(Word, row.split(":")[1].split(), strict=True)
]


@pytest.mark.parametrize(("status", "word", "cell"), CELLS)
def test_a_word_moves_the_consent_as_the_table_says(status: Status, word: Word, cell: str) -> None:
    assert after(status, word) == (status if cell == "-" else Status(cell))


def test_the_table_is_whole() -> None:
    assert len(CELLS) == len(Status) * len(Word) == sum(map(len, TRANSITIONS.values()))


def said(status: str, days_ago: float, **more: datetime) -> ConsentRecord:
    at = NOW - days_ago * DAY
    when = {"offered": "offered_at", "granted": "granted_at", "declined": "granted_at", "withdrawn": "withdrawn_at"}
    return ConsentRecord("recording", status, **{when[status]: at} | more)


@pytest.mark.parametrize(
    ("story", "status"),
    [
        ([], "unknown"),
        ([said("offered", 9)], "offered"),
        ([said("offered", 9), said("granted", 8)], "granted"),
        ([said("granted", 8), said("offered", 2)], "granted"),
        ([said("granted", 8), said("withdrawn", 4), said("offered", 2)], "withdrawn"),
        ([said("granted", 8), said("withdrawn", 4), said("offered", 2), said("granted", 1)], "granted"),
        ([said("granted", 8, expires_at=NOW - DAY)], "expired"),
        ([said("granted", 8, expires_at=NOW - 3 * DAY), said("offered", 2)], "offered"),
        ([said("granted", 8, expires_at=NOW - 3 * DAY), said("granted", 2)], "granted"),
        ([said("granted", 8, expires_at=NOW - 3 * DAY), said("withdrawn", 2)], "withdrawn"),
        ([said("granted", 8, expires_at=NOW + DAY), said("withdrawn", 2)], "withdrawn"),
        ([ConsentRecord("recording", "expired", granted_at=NOW - 8 * DAY)], "expired"),
        ([ConsentRecord("recording", "a word of another program")], "withdrawn"),
        ([said("declined", 8), said("granted", 2)], "granted"),
        ([said("granted", 8), said("declined", 2)], "declined"),
    ],
)
def test_the_latest_word_wins_in_whatever_order_the_chart_lists_them(story: list[ConsentRecord], status: str) -> None:
    assert {standing(order, NOW).status for order in permutations(story)} == {Status(status)}


moments = st.none() | st.integers(-40, 40).map(lambda days: NOW + days * DAY)
scopes = st.none() | st.frozensets(st.sampled_from(["treatment", "payment"]))
records = st.builds(
    ConsentRecord,
    kind=st.just("recording"),
    status=st.sampled_from([*Status, "unheard of"]),
    offered_at=moments,
    granted_at=moments,
    expires_at=moments,
    withdrawn_at=moments,
    purposes=scopes,
    recipients=scopes,
)


@given(st.lists(records, max_size=6), st.randoms())
def test_any_order_of_the_same_records_gives_the_same_standing(said: list[ConsentRecord], random: Random) -> None:
    shuffled = list(said)
    random.shuffle(shuffled)
    assert standing(shuffled, NOW) == standing(said, NOW)


@given(st.lists(records, max_size=6))
def test_granted_rests_on_a_grant_that_has_begun_and_not_ended(said: list[ConsentRecord]) -> None:
    found = standing(said, NOW)
    if found.status is Status.GRANTED:
        assert found.record is not None
        assert found.record.word is Word.GRANT
        assert found.record.counts_at(NOW)
        assert not found.record.has_ended(NOW)


@given(st.lists(records, max_size=6), st.integers(1, 40))
def test_time_alone_never_gives_a_consent_back(said: list[ConsentRecord], days: int) -> None:
    """Only a grant dated in the future may begin; without one what is not granted today is not granted later."""
    if any(not record.counts_at(NOW) for record in said):
        return
    if standing(said, NOW).status is not Status.GRANTED:
        assert standing(said, NOW + days * DAY).status is not Status.GRANTED


@given(st.lists(records, max_size=5), st.sampled_from(["declined", "withdrawn"]))
def test_a_refusal_now_is_never_overruled_by_what_was_said_before(said: list[ConsentRecord], status: str) -> None:
    last = ConsentRecord("recording", status, granted_at=NOW, withdrawn_at=NOW)
    assert standing([*said, last], NOW).status in (Status.DECLINED, Status.WITHDRAWN)
