"""What is posted, and the digest by which it is compared."""

from therapyflows.core.chart import NoteSection
from therapyflows.core.session_note.model import Draft, Statement, StatementKind
from therapyflows.core.session_note.rendering import digest_of, render_sections
from therapyflows.core.session_note.templates import load_template

SOAP = load_template("soap")


def draft(*lines: tuple[str, str]) -> Draft:
    return Draft(
        "soap", "evidence", tuple(Statement(f"st{n}", s, t, StatementKind.REPORTED) for n, (s, t) in enumerate(lines))
    )


def test_sections_in_the_order_of_the_template_a_line_a_statement() -> None:
    sections = render_sections(
        draft(("plan", "Client will call."), ("subjective", "One."), ("subjective", " Two\n lines. ")), SOAP
    )
    assert sections == (
        NoteSection(name="Subjective", text="One.\nTwo lines."),
        NoteSection(name="Plan", text="Client will call."),
    )


def test_a_statement_of_an_unknown_section_is_not_lost() -> None:
    assert render_sections(draft(("elsewhere", "Kept.")), SOAP)[-1].text == "Kept."


def test_the_digest_survives_rewrapping_but_no_change_of_words() -> None:
    one = (NoteSection(name="Plan", text="Client will call.\nNext week."),)
    rewrapped = (NoteSection(name="Plan", text="Client will call. \r\n  Next week. "),)
    changed = (NoteSection(name="Plan", text="Client will not call. Next week."),)
    digest = digest_of(one, ("F41.1",), "90834")
    assert digest.startswith("sha256:")
    assert digest == digest_of(rewrapped, ["f41.1 "], "90834 ")
    assert digest != digest_of(changed, ("F41.1",), "90834")
    assert digest != digest_of(one, ("F41.0",), "90834")
    assert digest != digest_of(one, ("F41.1",), None)
    assert digest != digest_of((NoteSection(name="Data", text=one[0].text),), ("F41.1",), "90834")


def test_words_cannot_move_between_sections_unnoticed() -> None:
    one = (NoteSection(name="A", text="x y"), NoteSection(name="B", text="z"))
    other = (NoteSection(name="A", text="x"), NoteSection(name="B", text="y z"))
    assert digest_of(one, (), None) != digest_of(other, (), None)
