"""What is learned of a clinician's wording, and what is never learned."""

from collections.abc import Callable

import pytest

from therapyflows.core.style.learning import learn
from therapyflows.core.style.model import Choices, HabitKind, Learned, Pair, PairSet, in_force
from therapyflows.core.style.wording import reworded

SAID = (
    "feeling low",
    "sleeping badly",
    "having argued at home",
    "skipping lunch",
    "walking every evening",
    "two dreams",
)


def notes(edit: Callable[[str], str | None], *, clients: int = 6, drafted: str = "Client reports {}.") -> list[PairSet]:
    """Six notes of one clinician, a line each, of so many clients."""
    return [
        PairSet(f"d{n}", f"c-{n % clients}", "u-1", "soap", (_pair(drafted.format(said), edit),))
        for n, said in enumerate(SAID)
    ]


def _pair(drafted: str, edit: Callable[[str], str | None]) -> Pair:
    return Pair("subjective", "reported", drafted, edit(drafted))


def learned(edit: Callable[[str], str | None], **more: object) -> Learned:
    return learn(notes(edit, **more))  # type: ignore[arg-type]


def test_an_abbreviation_is_learned_and_used() -> None:
    habits = learned(lambda text: text.replace("Client", "Ct."))
    (wording,) = habits.wordings
    assert (wording.kind, wording.seen, wording.clients) == (HabitKind.ABBREVIATION, 6, 6)
    profile = in_force(habits, Choices())
    assert reworded("Client reports poor sleep.", profile.wordings) == "Ct. reports poor sleep."


def test_leaving_the_client_out_is_a_matter_of_person() -> None:
    habits = learned(lambda text: text.replace("Client reports", "Reports"))
    assert [w.kind for w in habits.wordings] == [HabitKind.PERSON]
    assert reworded("Client reports a headache.", habits.wordings) == "Reports a headache."


def test_tense_and_phrases_are_told_apart() -> None:
    assert learned(lambda text: text.replace("reports", "reported")).wordings[0].kind is HabitKind.TENSE
    assert learned(lambda text: text.replace("reports", "endorses")).wordings[0].kind is HabitKind.PHRASE


def test_what_stands_in_one_clients_notes_alone_is_no_habit() -> None:
    assert learned(lambda text: text.replace("reports", "endorses"), clients=1).wordings == ()
    assert learned(lambda text: text.replace("reports", "endorses"), clients=2).wordings == ()


def test_what_is_done_now_and_then_is_no_habit() -> None:
    often = iter([True, False, False, True, False, False])
    assert learned(lambda text: text.replace("reports", "endorses") if next(often) else text).wordings == ()


@pytest.mark.parametrize(
    ("drafted", "written"),
    [
        ("reports", "denies"),
        ("reports", "never reports"),
        ("Client reports", "She reports"),
        ("reports", "often reports"),
        ("Client reports", "Mother reports"),
        ("reports", "reports 3"),
    ],
)
def test_a_change_of_facts_is_no_style_however_often_it_is_made(drafted: str, written: str) -> None:
    assert learned(lambda text: text.replace(drafted, written)).wordings == ()


@pytest.mark.parametrize(
    "name", ["Marigold", "Grace", "Quillfeather", "Dr. Penhallow", "St. Brennan Hospital", "617-555-0199"]
)
def test_a_name_is_no_style_even_over_many_clients(name: str) -> None:
    assert learned(lambda text: text.replace("Client", name)).wordings == ()


def test_words_that_are_only_put_in_are_not_learned() -> None:
    assert learned(lambda text: text.replace("reports", "openly reports")).wordings == ()


def test_quotations_are_neither_learned_from_nor_reworded() -> None:
    quoted = 'Client said, "Client reports {}".'
    assert learned(lambda text: text.replace("Client reports", "Ct. reports"), drafted=quoted).wordings == ()
    habits = learned(lambda text: text.replace("Client", "Ct."))
    assert reworded('Client said, "the client next door".', habits.wordings) == 'Ct. said, "the client next door".'


def test_a_form_of_line_that_is_always_taken_out_is_offered_and_never_assumed() -> None:
    habits = learned(lambda _: None, drafted='Client said, "{}".')
    assert [(d.form, d.seen, d.of) for d in habits.dropped] == [("quotation", 6, 6)]
    assert in_force(habits, Choices()).left_out == ()
    assert in_force(habits, Choices(taken_out=("quotation",))).left_out == ("quotation",)


def test_a_line_that_is_always_added_is_remembered_without_names() -> None:
    def adding(line: str) -> tuple[Pair, ...]:
        return (Pair("plan", "clinician", None, line),)

    def sets(line: str) -> list[PairSet]:
        return [PairSet(f"d{n}", f"c-{n}", "u-1", "soap", adding(line)) for n in range(5)]

    assert [a.text for a in learn(sets("Continue weekly sessions.")).added] == ["Continue weekly sessions."]
    assert learn(sets("Call Marigold Fernweh on Monday.")).added == ()


def test_the_clinicians_choices_win() -> None:
    habits = learned(lambda text: text.replace("Client", "Ct."))
    assert in_force(habits, Choices(on=False)).is_empty
    assert in_force(habits, Choices(off=(habits.wordings[0].key,))).wordings == ()


def test_deleted_pairs_leave_nothing_behind() -> None:
    every = notes(lambda text: text.replace("reports", "endorses"))
    assert learn(every).wordings != ()
    assert learn(every[:2]).wordings == ()
    assert learn([]) == Learned()


def test_a_style_has_a_reference_of_its_own() -> None:
    habits = learned(lambda text: text.replace("Client", "Ct."))
    one, other = in_force(habits, Choices()), in_force(habits, Choices(words_a_line=9))
    assert one.reference == in_force(habits, Choices()).reference != other.reference
    assert len(one.reference) == len("style@") + 12
