"""Flesch-Kincaid grade of English text: 0.39 words a sentence + 11.8 syllables a word - 15.59."""

import re

_SYLLABLES = re.compile(r"[aeiouy]+")


def grade(text: str) -> float:
    """Raises ZeroDivisionError for a text without words."""
    sentences = [part for part in re.split(r"[.!?]+\s|\n", text + " ") if re.search(r"[A-Za-z]", part)]
    words = re.findall(r"[A-Za-z][A-Za-z’'-]*", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    """By the usual rule of thumb: groups of vowels, without a silent e at the end; at least one."""
    low = word.lower()
    groups = len(_SYLLABLES.findall(low))
    silent = re.search(r"[^aeiouyl]e$|[^aeiouytd]ed$|[^aeiouyszxg]es$", low) is not None
    return max(1, groups - silent)
