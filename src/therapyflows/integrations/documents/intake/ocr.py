"""Words on the image of a page, by RapidOCR with the weights that come in its wheel.  # decision 0010

Loads once per process and never reaches the network.
"""

import logging
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from therapyflows.core.intake.page import Rect, Word
from therapyflows.integrations.documents.intake.ink import Gray

THREADS = 2
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
            "Global.max_side_len": 2400,
            "Rec.rec_img_shape": [3, 48, SHORTEST_WIDTH],
            "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
        }
    )


def is_upside_down(gray: Gray) -> bool:
    """Whether most of the widest lines stand on their head."""
    engine = _engine()
    found = engine(cv2.cvtColor(_halved(gray), cv2.COLOR_GRAY2BGR), use_cls=False, use_rec=False)
    if found.boxes is None:
        return False
    widest = sorted(found.boxes, key=lambda box: -float(np.ptp(box[:, 0])))[:12]
    crops = engine.crop_text_regions(cv2.cvtColor(_halved(gray), cv2.COLOR_GRAY2BGR), np.array(widest))
    turned = engine.cls_and_rotate(crops)[1].cls_res
    return bool(sum(label == "180" for label, _ in turned) > len(turned) / 2)


def read_words(gray: Gray, scale: float) -> tuple[Word, ...]:
    """The words with their places in points, in no particular order."""
    found = _engine()(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), use_cls=False, use_rec=True)
    if getattr(found, "txts", None) is None or found.boxes is None:
        return ()
    parts = _parts_by_line(found.txts, found.word_results or ())
    words: list[Word] = []
    for text, box, score, placed in zip(found.txts, found.boxes, found.scores, parts, strict=True):
        words.extend(_words(text, np.asarray(box), float(score), placed, scale))
    return tuple(words)


def _halved(gray: Gray) -> Gray:
    return np.asarray(cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)


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
    line = Rect(*(float(value) / scale for value in (*box.min(axis=0), *box.max(axis=0))))
    spans = list(_spans(text, line))
    if placed:
        spans = list(_placed_spans(text, placed, line, scale)) or spans
    for word, left, right in spans:
        yield Word(word, Rect(left, line.top, right, line.bottom), round(score, 3))


def _spans(text: str, line: Rect) -> Iterator[tuple[str, float, float]]:
    """Words at even steps along the line."""
    step, at = line.width / max(1, len(text)), 0
    for word in text.split(" "):
        if word:
            yield word, line.left + at * step, line.left + (at + len(word)) * step
        at += len(word) + 1


def _placed_spans(text: str, placed: Any, line: Rect, scale: float) -> Iterator[tuple[str, float, float]]:
    """Words as the text separates them, where the engine saw their characters."""
    parts = [(part[0], np.asarray(part[2])) for part in placed if part[0].strip()]
    at = 0
    for word in text.split():
        taken: list[np.ndarray] = []
        letters = 0
        while at < len(parts) and letters < len(word):
            letters += len(parts[at][0].replace(" ", ""))
            taken.append(parts[at][1])
            at += 1
        if letters != len(word):
            return
        points = np.concatenate(taken) / scale
        yield word, float(max(line.left, points[:, 0].min())), float(min(line.right, points[:, 0].max()))
