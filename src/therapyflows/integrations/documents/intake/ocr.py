"""Words on the image of a page, by RapidOCR with the weights that come in its wheel.  # decision 0015

Loads once per process and never reaches the network.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from therapyflows.core.intake.page import Rect, Word
from therapyflows.integrations.documents.intake.ink import Gray

THREADS = 1
"""A second thread costs half as much processor time again and waits in a loop; forms are read beside one another."""
LINES_AT_ONCE = 3
"""Lines of one width are read together; more of them are padded to the longest for more than it saves."""
DETECTION_SIDE = 1440
"""Longer side, in pixels, of the image that lines are looked for on; they are read at full size."""
ROOM = 0.1
"""Share of a line's height that the detector adds above and below its letters."""
FEWEST_STEPS = 4
"""Pairs with a slender letter, and pairs without, that tell whether a line is a typewriter's."""
_ONE_FOR_L = re.compile(r"(?<=[a-z])1(?=[a-z])|(?<=[a-z]l)1$")
"""A one within small letters was an l."""
_RUN_TOGETHER = re.compile(
    r"(?<=[):?])(?=[A-Za-z])|(?<=[a-z][:?])(?=\d)|(?<=\))(?=\d)|(?<=[^\W\d_]{2})(?=\d\d?/\d\d?/\d\d)"
    r"|(?<=\b\d[.])(?=[A-Z]{2})|(?<=[a-z]{4})(?=\d{5})|(?<=[^\W\d_]{2})(?=\(\d{3}\))"
    r"|(?<=\bI)(?=(?:am|live|have|was|take|work|agree|understand|consent|authorize|certify|give)\b)"
)
"""Where the end of a label meets what was filled in: after its mark, and before a date or a long number."""
_SLENDER = set("iljtfI1.,'")
_BROAD = set("mwMW@%")
SHORTEST_WIDTH = 96
"""Pixels to which a short line is padded before it is recognized: most lines of a form are a word or a digit."""


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr import RapidOCR  # loads onnxruntime and OpenCV: only where a page needs it

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.text_score": 0.0,
            "Global.return_word_box": True,
            "Global.return_single_char_box": True,
            "Global.max_side_len": 2400,
            "Det.limit_type": "max",
            "Det.limit_side_len": DETECTION_SIDE,
            "Rec.rec_img_shape": [3, 48, SHORTEST_WIDTH],
            "Rec.rec_batch_num": LINES_AT_ONCE,
            "EngineConfig.onnxruntime.enable_cpu_mem_arena": True,
            "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
        }
    )


def read_words(gray: Gray, scale: float) -> tuple[Word, ...]:
    """The words with their places in points, in no particular order."""
    found = _engine()(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), use_det=True, use_cls=False, use_rec=True)
    if getattr(found, "txts", None) is None or found.boxes is None:
        return ()
    parts = _parts_by_line(found.txts, found.word_results or ())
    words: list[Word] = []
    for text, box, score, placed in zip(found.txts, found.boxes, found.scores, parts, strict=True):
        words.extend(_words(apart(text), np.asarray(box), float(score), placed, scale))
    return tuple(words)


def read_piece(piece: Gray) -> tuple[str, float]:
    """Text and confidence of an image that shows one word; no text and 0.0 where nothing is made out."""
    found = _engine()(cv2.cvtColor(piece, cv2.COLOR_GRAY2BGR), use_det=False, use_cls=False, use_rec=True)
    return (found.txts[0], float(found.scores[0])) if found.txts else ("", 0.0)


def apart(text: str) -> str:
    """The words of a label and of its answer, where the recognizer has run them together."""
    return text if "@" in text else _RUN_TOGETHER.sub(" ", text)


def _parts_by_line(texts: Sequence[str], placed: Sequence[Any]) -> Iterator[Any]:
    """The places of each line's words; None for a line that the engine gave none."""
    at = 0
    for text in texts:
        line = placed[at] if at < len(placed) else None
        if line and "".join(part[0] for part in line).replace(" ", "") == text.replace(" ", ""):
            at += 1
            yield line
        else:
            yield None


def _words(text: str, box: np.ndarray, score: float, placed: Any, scale: float) -> Iterator[Word]:
    left, top, right, bottom = (float(value) / scale for value in (*box.min(axis=0), *box.max(axis=0)))
    room = ROOM * (bottom - top)
    line = Rect(left, top + room, right, bottom - room)
    spans = list(_spans(text, line))
    if placed:
        spans = list(_placed_spans(text, placed, line, scale)) or spans
    for word, left, right in spans:
        at = Rect(left, line.top, right, line.bottom)
        yield Word(_ONE_FOR_L.sub("l", word), at, round(score, 3))


def _spans(text: str, line: Rect) -> Iterator[tuple[str, float, float]]:
    """Words at even steps along the line."""
    step, at = line.width / max(1, len(text)), 0
    for word in text.split(" "):
        if word:
            yield word, line.left + at * step, line.left + (at + len(word)) * step
        at += len(word) + 1


def _placed_spans(text: str, placed: Any, line: Rect, scale: float) -> Iterator[tuple[str, float, float]]:
    """Words as the text separates them, and where letters of one width stand two steps apart."""
    letters = [(part[0], np.asarray(part[2])) for part in placed if part[0].strip()]
    if "".join(letter for letter, _ in letters) != text.replace(" ", ""):
        return
    centers = [float(box[:, 0].mean()) for _, box in letters]
    begins = _word_starts(text)
    begins |= _missed_spaces("".join(letter for letter, _ in letters), centers, begins)
    edges = sorted({0, *begins, len(letters)})
    for first, after in pairwise(edges):
        points = np.concatenate([box for _, box in letters[first:after]]) / scale
        word = "".join(letter for letter, _ in letters[first:after])
        yield word, float(max(line.left, points[:, 0].min())), float(min(line.right, points[:, 0].max()))


def _word_starts(text: str) -> set[int]:
    """Numbers of the letters (spaces not counted) that begin a word."""
    starts, count = set(), 0
    for at, letter in enumerate(text):
        if letter != " ":
            if at and text[at - 1] == " ":
                starts.add(count)
            count += 1
    return starts


def _missed_spaces(letters: str, centers: Sequence[float], begins: set[int]) -> set[int]:
    """Gaps of two steps in a typewriter's line: the recognizer runs such words together."""
    steps = [(after - before, at) for at, (before, after) in enumerate(pairwise(centers), 1) if at not in begins]
    usual = float(np.median([step for step, _ in steps] or [0]))
    even = [(step, letters[at - 1 : at + 1]) for step, at in steps if 0 < step < 1.5 * usual]
    slender = [step for step, pair in even if set(pair) & _SLENDER]
    others = [step for step, pair in even if not set(pair) & _SLENDER]
    if len(slender) < FEWEST_STEPS or len(others) < FEWEST_STEPS or np.mean(slender) < 0.94 * np.mean(others):
        return set()  # letters of different widths: a wide gap tells nothing
    wide = 1.7 * float(np.mean(others))
    return {at for step, at in steps if step > wide and not set(letters[at - 1 : at + 1]) & _BROAD}
