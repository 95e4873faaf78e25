"""Photos and scans made straight: the sheet cut out of its surroundings, turned upright, the last skew removed."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from therapyflows.integrations.documents.intake.ink import Gray

STEEPEST = 8.0
"""Degrees of skew that are looked for."""


def cut_out_sheet(gray: Gray) -> Gray:
    """The sheet of paper, where a photo shows it before something darker; else the image as it is."""
    height, width = gray.shape
    shrink = 600 / max(gray.shape)
    small = cv2.GaussianBlur(cv2.resize(gray, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), (5, 5), 0)
    bright = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1]
    bright = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    sheet = max(contours, key=cv2.contourArea, default=None)
    if sheet is None or not 0.35 <= cv2.contourArea(sheet) / small.size <= 0.97:
        return gray
    if not _lies_on_something_dark(small, sheet):
        return gray
    corners = cv2.approxPolyDP(sheet, 0.03 * cv2.arcLength(sheet, True), True).reshape(-1, 2) / shrink
    if len(corners) != 4:
        return gray
    return _flattened(gray, corners.astype(np.float32), width, height)


def _lies_on_something_dark(small: NDArray[Any], sheet: NDArray[Any]) -> bool:
    """Whether what is around the sheet is much darker than it: a table, not a shadow on the paper."""
    inside = np.zeros(small.shape, np.uint8)
    cv2.drawContours(inside, [sheet], -1, 255, -1)
    return bool(small[inside == 0].mean() < 0.6 * small[inside > 0].mean())


def _flattened(gray: Gray, corners: np.ndarray, width: int, height: int) -> Gray:
    sums, differences = corners.sum(axis=1), np.diff(corners, axis=1).ravel()
    ordered = corners[[sums.argmin(), differences.argmin(), sums.argmax(), differences.argmax()]]
    across = max(np.linalg.norm(ordered[1] - ordered[0]), np.linalg.norm(ordered[2] - ordered[3]))
    down = max(np.linalg.norm(ordered[3] - ordered[0]), np.linalg.norm(ordered[2] - ordered[1]))
    if min(across, down) < 0.4 * min(width, height):
        return gray
    target = np.array([[0, 0], [across, 0], [across, down], [0, down]], np.float32)
    turn = cv2.getPerspectiveTransform(ordered.astype(np.float32), target)
    return np.asarray(cv2.warpPerspective(gray, turn, (round(across), round(down)), borderValue=255), np.uint8)


def lies_on_its_side(gray: Gray) -> bool:
    """Whether lines of text run from top to bottom."""
    small = _small(gray)
    angles = np.arange(-STEEPEST, STEEPEST + 0.1, 1.0)
    upright, turned = (
        max(_sharpness(page, float(angle)) for angle in angles) for page in (small, np.ascontiguousarray(small.T))
    )
    return turned > 1.3 * upright


def deskew(gray: Gray) -> Gray:
    """Turned by the angle at which lines of text are most clearly apart."""
    angle = skew_of(gray)
    if abs(angle) < 0.05:
        return gray
    height, width = gray.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    return np.asarray(cv2.warpAffine(gray, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255,)), np.uint8)


def skew_of(gray: Gray) -> float:
    """Degrees by which the page must be turned counter-clockwise to be straight."""
    small = _small(gray)
    rough = max(np.arange(-STEEPEST, STEEPEST + 0.1, 0.5), key=lambda angle: _sharpness(small, float(angle)))
    return float(max(np.arange(rough - 0.45, rough + 0.46, 0.05), key=lambda angle: _sharpness(small, float(angle))))


def _small(gray: Gray) -> Gray:
    shrink = 900 / max(gray.shape)
    small = cv2.resize(gray, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    dark = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)[1]
    edge = max(2, round(0.03 * min(dark.shape)))
    dark[:edge], dark[-edge:], dark[:, :edge], dark[:, -edge:] = 0, 0, 0, 0
    return np.asarray(dark, np.uint8)


def _sharpness(dark: Gray, angle: float) -> float:
    height, width = dark.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    return _stripes(np.asarray(cv2.warpAffine(dark, turn, (width, height)), np.uint8))


def _stripes(dark: Gray) -> float:
    """How much the ink of neighbouring rows differs."""
    rows = dark.mean(axis=1)
    return float(np.sum(np.diff(rows) ** 2))
