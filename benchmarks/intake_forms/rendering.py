"""The same form as a fillable PDF, as flat text, as a clean scan of 200 dpi, and as a bad one."""

import io
import random

import cv2
import numpy as np
import pypdfium2 as pdfium
from PIL import Image

DPI = 200


def rasterized(pdf: bytes) -> list[np.ndarray]:
    document = pdfium.PdfDocument(pdf)
    try:
        return [
            np.ascontiguousarray(page.render(scale=DPI / 72, grayscale=True).to_numpy().squeeze()) for page in document
        ]
    finally:
        document.close()


def clean_scan(pdf: bytes) -> bytes:
    return as_pdf([Image.fromarray(page) for page in rasterized(pdf)], quality=92)


def bad_scan(pdf: bytes, seed: int) -> bytes:
    """Skewed by 3 degrees to either side, with noise, uneven light and JPEG at quality 40."""
    chance = random.Random(seed)
    return as_pdf([worn(page, chance) for page in rasterized(pdf)], quality=40)


def worn(page: np.ndarray, chance: random.Random) -> Image.Image:
    skewed = turned(page, chance.choice((-3.0, 3.0))).astype(np.float32)
    light = np.linspace(1.0, chance.uniform(0.85, 1.0), page.shape[1], dtype=np.float32)[None, :]
    noise = np.random.default_rng(chance.randrange(2**31)).normal(0, 14, skewed.shape).astype(np.float32)
    return Image.fromarray(np.clip(skewed * light + noise, 0, 255).astype(np.uint8))


def turned(page: np.ndarray, degrees: float) -> np.ndarray:
    """Turned counter-clockwise, on a sheet of the same size."""
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=(250,))


def as_pdf(pages: list[Image.Image], quality: int) -> bytes:
    buffer = io.BytesIO()
    pages[0].save(buffer, "PDF", save_all=True, append_images=pages[1:], resolution=DPI, quality=quality)
    return buffer.getvalue()
