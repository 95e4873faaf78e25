import json
from collections.abc import Callable
from typing import Any

import pytest


def test_a_score_as_json(therapyflows: Callable[..., Any]) -> None:
    answer = therapyflows("score", "phq9", "1,2,1,3,0,1,2,0,1", "--json")
    assert answer.status == 0
    result = json.loads(answer.out)
    assert (result["total"], result["band"], result["warnings"]) == (11, "moderate", [])
    assert result["critical"] == [
        {"position": 9, "answer": 1, "code": "self_harm_thoughts", "message": "item 9: thoughts of death or self-harm"}
    ]


def test_an_empty_position_is_a_missing_answer(therapyflows: Callable[..., Any]) -> None:
    result = json.loads(therapyflows("score", "phq9", "0,0,0,0,0,0,0,0,", "--json").out)
    assert [warning["code"] for warning in result["warnings"]] == ["critical_item_unanswered", "prorated"]


def test_the_change_since_the_last_total(therapyflows: Callable[..., Any]) -> None:
    result = json.loads(therapyflows("score", "gad7", "1,1,1,1,1,0,0", "--previous", "12", "--json").out)
    assert result["change"]["difference"] == -7
    own = json.loads(
        therapyflows("score", "gad7", "1,1,1,1,1,0,0", "--previous", "12", "--reliable", "8", "--json").out
    )
    assert (result["change"]["reliable"], own["change"]["reliable"]) == (True, False)


def test_a_score_for_people(therapyflows: Callable[..., Any]) -> None:
    answer = therapyflows("score", "auditc", "2,2,1", "--sex", "female", "--previous", "3")
    assert answer.status == 0
    assert "AUDIT-C: 5 of 12, positive" in answer.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("phq9", "1,2"),
        ("phq9", "0,0,0,0,0,0,0,0,4"),
        ("phq9", "-1,0,0,0,0,0,0,0,0"),
        ("phq9", "a,0,0,0,0,0,0,0,0"),
        ("phq9", ""),
        ("phq99", "1"),
        ("phq9", "0,0,0,0,0,0,0,0,0", "--previous", "99"),
    ],
)
def test_wrong_answers_are_one_line_and_status_2(therapyflows: Callable[..., Any], arguments: tuple[str, ...]) -> None:
    answer = therapyflows("score", *arguments, "--json")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("therapyflows: ")
    assert len(answer.err.splitlines()) == 1
