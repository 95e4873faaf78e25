"""A text as words with what their writing says: case, line, sentence."""

import re
from dataclasses import dataclass

from therapyflows.governance.phi.folding import fold

_WORD = re.compile(r"(?<![^\W\d_]['’])[^\W\d_]+(?:['’](?!s\b)[^\W\d_]+)*")
_OPENERS = '.!?:;\n"“”>•*([{|'


@dataclass(slots=True)
class Word:
    """A word at [start, end) of the text, without a possessive ending."""

    start: int
    end: int
    text: str
    key: str
    """Folded: what to look up."""
    cased: bool
    """Its line uses capital letters for names."""
    opens: bool
    """It begins a sentence, a line or a quotation, so that its capital says nothing."""

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def initial(self) -> bool:
        return len(self.text) == 1 and self.text.isupper()

    @property
    def shouted(self) -> bool:
        return len(self.text) > 1 and self.text.isupper()


def words_of(text: str) -> list[Word]:
    """Every word of the text, in order."""
    words: list[Word] = []
    position = 0
    for line in text.split("\n"):
        cased = line != line.lower() and line != line.upper()
        previous = 0
        for match in _WORD.finditer(line):
            start, written = match.start(), match.group()
            between = line[previous:start].rstrip()
            opens = not previous if not between else between[-1] in _OPENERS
            previous = match.end()
            key = written.lower() if written.isascii() else fold(written)
            words.append(Word(position + start, position + previous, written, key, cased, opens))
        position += len(line) + 1
    return words
