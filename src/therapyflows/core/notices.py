"""What a person should know about a result, without text from the chart."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the clinician should know, as a constant code and a sentence without clinical content."""

    code: str
    message: str
