"""First person into third, or nothing at all."""

import pytest

from therapyflows.core.session_note.evidence_drafter.inflect import third_singular
from therapyflows.core.session_note.evidence_drafter.speech import tokenize
from therapyflows.core.session_note.evidence_drafter.third_person import Pronouns, pronouns_of, retell
from therapyflows.governance.evidence.model import Segment, Speaker

THEY, SHE, HE = pronouns_of(None), pronouns_of("she/her"), pronouns_of("He / him")


def told(text: str, pronouns: Pronouns, me: str = "i") -> str | None:
    return retell(list(tokenize(Segment("s1", Speaker.CLIENT, 0, 1, text))), pronouns, me=me)


@pytest.mark.parametrize(
    ("said", "they", "she"),
    [
        ("I drink four beers a night", "they drink four beers a night", "she drinks four beers a night"),
        ("I was tired", "they were tired", "she was tired"),
        ("I'm worried about my mum", "they are worried about their mum", "she is worried about her mum"),
        ("I've cut down", "they have cut down", "she has cut down"),
        ("I don't sleep", "they do not sleep", "she does not sleep"),
        ("I always worry", "they always worry", "she always worries"),
        ("it scares me", "it scares them", "it scares her"),
        ("I'd like to stop", "they would like to stop", "she would like to stop"),
        ("I'd been drinking", "they had been drinking", "she had been drinking"),
        ("I can't stop myself", "they cannot stop themselves", "she cannot stop herself"),
        ("I wanna quit", "they want to quit", "she wants to quit"),
        ("I told him that I'm done", "they told him that they are done", "she told him that she is done"),
    ],
)
def test_the_clients_words_about_themselves(said: str, they: str, she: str) -> None:
    assert told(said, THEY) == they
    assert told(said, SHE) == she


@pytest.mark.parametrize(
    ("said", "pronouns"),
    [
        ("they think I am stupid", THEY),
        ("she told me I drink", SHE),
        ("he thinks I am lazy", HE),
        ("you know how I feel", THEY),
        ("we went out and I drank", THEY),
        ("I put it away", SHE),
        ("I eat and drink too much", SHE),
    ],
)
def test_what_could_be_misread_is_not_retold(said: str, pronouns: Pronouns) -> None:
    assert told(said, pronouns) is None


def test_the_therapists_you_becomes_the_client() -> None:
    assert told("you are holding your camera", THEY, me="you") == "they are holding their camera"
    assert told("I think you are tired", THEY, me="you") is None


@pytest.mark.parametrize(
    ("verb", "form"), [("go", "goes"), ("try", "tries"), ("watch", "watches"), ("went", "went"), ("can", "can"),
                       ("walked", "walked"), ("need", "needs"), ("put", None), ("blorp", None)]
)  # fmt: skip
def test_verbs(verb: str, form: str | None) -> None:
    assert third_singular(verb) == form
