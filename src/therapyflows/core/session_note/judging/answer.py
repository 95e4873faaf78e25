"""The answer that a judging model gives."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_STATEMENTS = 8
"""Statements in one call."""


class Opinion(BaseModel):
    """On one statement.  ``statement`` is its number in the prompt, ``segments`` are ids of source lines."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    statement: Annotated[int, Field(ge=1, le=MAX_STATEMENTS)]
    grade: Literal["supported", "partly", "unsupported", "contradicted"]
    segments: Annotated[list[Annotated[str, Field(max_length=12)]], Field(max_length=6)]
    reason: Annotated[str, Field(max_length=160)]


class JudgeAnswer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    opinions: Annotated[list[Opinion], Field(max_length=MAX_STATEMENTS)]
