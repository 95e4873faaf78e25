from therapyflows.core.intake.model import Method
from therapyflows.core.intake.page import Field, Mark, Page, Rect, Word
from therapyflows.core.intake.reading.lines import lines_of

LABEL = Word("Goals:", Rect(40, 100, 75, 110), 0.7)
ANSWER = Field(Rect(80, 98, 300, 122), "sleep better\nless worry", "Text7")


def test_typed_answers_stand_among_the_words_of_a_page_in_their_place() -> None:
    page = Page(1, 612, 792, Method.FORM_FIELD, (LABEL,), marks=(Mark(Rect(0, 0, 9, 9), True),), fields=(ANSWER,))
    words = page.as_words()
    assert [[word.text for word in line] for line in lines_of(words.words)] == [
        ["Goals:", "sleep", "better"],
        ["less", "worry"],
    ]
    assert all(ANSWER.at.holds(*word.at.center) for word in words.words[1:])
    assert (words.words[0].confidence, words.marks, words.fields) == (0.7, (), ())
