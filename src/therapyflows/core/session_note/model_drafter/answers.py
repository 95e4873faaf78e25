"""The answers that a model may give: made for one template, so that it cannot invent a section."""

from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from therapyflows.core.session_note.model import StatementKind, Template

MAX_STATEMENTS = 24
MAX_FACTS = 10

Kind = Literal["reported", "observed", "plan"]
"""What a model may write.  Risk, mental status, history, consent and administrative lines are not among it."""


class Line(BaseModel):
    """One statement or fact as the model wrote it.  ``section`` is narrowed to the template's by the answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    section: str
    kind: Kind
    text: Annotated[str, Field(max_length=300)]
    segments: Annotated[list[Annotated[str, Field(max_length=12)]], Field(max_length=8)]
    quote: Annotated[str, Field(max_length=200)] | None

    @property
    def statement_kind(self) -> StatementKind:
        return StatementKind(self.kind)


class Fact(Line):
    weight: Literal[1, 2, 3]


class NoteAnswer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    statements: list[Line]


class FactsAnswer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    facts: list[Fact]


@lru_cache(maxsize=64)
def note_answer(sections: tuple[str, ...], limit: int = MAX_STATEMENTS) -> type[NoteAnswer]:
    """The answer of a note for these sections."""
    line = _with_sections(Line, sections)
    items: Any = Annotated[list[line], Field(max_length=limit)]  # type: ignore[valid-type]
    return create_model("NoteAnswer", __base__=NoteAnswer, statements=(items, ...))


@lru_cache(maxsize=64)
def facts_answer(sections: tuple[str, ...], limit: int = MAX_FACTS) -> type[FactsAnswer]:
    """The answer of one stretch's facts for these sections."""
    fact = _with_sections(Fact, sections)
    items: Any = Annotated[list[fact], Field(max_length=limit)]  # type: ignore[valid-type]
    return create_model("FactsAnswer", __base__=FactsAnswer, facts=(items, ...))


def _with_sections(line: type[Line], sections: tuple[str, ...]) -> type[Line]:
    allowed: Any = Literal[sections]
    return create_model(line.__name__, __base__=line, section=(allowed, ...))


def section_keys(template: Template) -> tuple[str, ...]:
    """The sections that a model may file under."""
    return tuple(section.key for section in template.sections)
