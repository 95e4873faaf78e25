"""The keys of the draft page: one table for its dialog, the help page and the documentation."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shortcut:
    keys: tuple[str, ...]
    """Each a key, or keys held together (``Ctrl+Enter``)."""
    does: str
    either: bool = False
    """All of them do the same."""

    @property
    def chords(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(chord.split("+")) for chord in self.keys)


SHORTCUTS = (
    Shortcut(("j", "k"), "next, previous statement (in the transcript: turn)"),
    Shortcut(("n",), "next statement that needs you"),
    Shortcut(("p", "Enter"), "play the evidence; again: the next piece", either=True),
    Shortcut(("s",), "stop playing"),
    Shortcut(("[", "]"), "5 seconds back, ahead"),
    Shortcut(("<", ">"), "play slower, faster"),
    Shortcut(("e",), "edit the statement"),
    Shortcut(("w",), "correct who spoke in the turn"),
    Shortcut(("o",), "take the turn off the record, or put it back"),
    Shortcut(("Ctrl+Z", "Ctrl+Y"), "take back your last change, make it again"),
    Shortcut(("Ctrl+Enter",), "save the edit"),
    Shortcut(("Esc",), "cancel the edit"),
    Shortcut(("?",), "this help"),
)
