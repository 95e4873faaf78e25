from therapyflows.core.chart import Note, NoteSection
from therapyflows.core.session_note.against_previous import Comparison, Origin, compare
from therapyflows.core.session_note.model import Draft, Statement, StatementKind

EARLIER = "Client reports sleeping four hours a night. Denies panic attacks.\nContinue weekly therapy."


def compared(*texts: str, earlier: str = EARLIER) -> Comparison:
    statements = tuple(Statement(f"st{n}", "plan", text, StatementKind.REPORTED) for n, text in enumerate(texts))
    section = NoteSection(name="Plan", text=earlier)
    note = Note(id="n-1", client_id="c-1", clinician_id="u-1", draft_content=(section,), status="Signed")
    return compare(Draft("soap", "evidence", statements), note)


def origins(comparison: Comparison) -> list[Origin]:
    return [line.origin for line in comparison.lines]


def test_what_is_new_reworded_and_carried_over() -> None:
    found = compared(
        "Continue weekly therapy.", "Client reports sleeping six hours a night.", "Started running with her brother."
    )
    assert origins(found) == [Origin.CARRIED_OVER, Origin.REWORDED, Origin.NEW]
    assert [(p.kind, p.text) for p in found.lines[1].pieces if p.kind != "same"] == [("gone", "four"), ("new", "six")]
    assert found.gone == ("Denies panic attacks.",)


def test_a_statement_of_several_sentences_is_carried_over_only_whole() -> None:
    found = compared("Denies panic attacks. Continue weekly therapy.", "Denies panic attacks. He moved to Lisbon.")
    assert origins(found) == [Origin.CARRIED_OVER, Origin.REWORDED]


def test_an_empty_previous_note_makes_everything_new() -> None:
    found = compared("Continue weekly therapy.", earlier="")
    assert (origins(found), found.gone) == ([Origin.NEW], ())
