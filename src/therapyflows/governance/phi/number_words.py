"""Numbers as people say them."""

import re

DIGIT_WORDS: dict[str, tuple[str, ...]] = {
    "0": ("zero", "oh", "o"),
    "1": ("one",),
    "2": ("two",),
    "3": ("three",),
    "4": ("four",),
    "5": ("five",),
    "6": ("six",),
    "7": ("seven",),
    "8": ("eight",),
    "9": ("nine",),
}
_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth", "twenty": "twentieth", "thirty": "thirtieth",
}  # fmt: skip


def cardinal(number: int) -> str:
    """``twenty one`` for 21; 0 to 99."""
    if number < 20:
        return _SMALL[number]
    return _TENS[number // 10] + (f" {_SMALL[number % 10]}" if number % 10 else "")


def ordinal(number: int) -> str:
    """``twenty first`` for 21; 1 to 99."""
    *head, last = cardinal(number).split()
    return " ".join((*head, _ORDINALS.get(last, f"{last}th")))


def spoken_year(year: int) -> str:
    """``nineteen eighty eight``, ``two thousand five``, ``twenty ten``."""
    century, rest = divmod(year, 100)
    if century == 20 and rest < 10:
        return "two thousand" + (f" {cardinal(rest)}" if rest else "")
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def house_number(digits: str) -> list[str]:
    """Ways to say the number before a street: "four fifty two", "twelve oh five", "four hundred two"."""
    if digits.startswith("0") or not 2 <= len(digits) <= 4:
        return []
    number = int(digits)
    if number < 100:
        return [cardinal(number)]
    hundreds, rest = divmod(number, 100)
    low = f"oh {cardinal(rest)}" if 0 < rest < 10 else cardinal(rest)
    ways = [f"{cardinal(hundreds)} hundred" + (f" {cardinal(rest)}" if rest else "")]
    if rest:
        ways.append(f"{cardinal(hundreds)} {low}")
    if number >= 1000:
        thousands, under = divmod(number, 1000)
        tail = [cardinal(under)] if under < 100 else [f"{cardinal(under // 100)} hundred {cardinal(under % 100)}"]
        ways.append(" ".join([cardinal(thousands), "thousand", *(tail if under else [])]).removesuffix(" zero"))
    return ways


_WORD = re.compile(r"[a-z]+|\d+")
_VALUES = {word: digit for digit, words in DIGIT_WORDS.items() for word in words}
_MULTIPLES = {"double": 1, "triple": 2}
_TEEN_WORDS = frozenset(_SMALL[10:])
_TENS_WORDS = frozenset(_TENS[2:])


def is_number_word(word: str) -> bool:
    """Whether a number is said with it ("forty", "oh", "hundred")."""
    return word in _VALUES or word in _TEEN_WORDS or word in _TENS_WORDS or word in ("hundred", "thousand")


def digits_said(said: str) -> tuple[int, bool]:
    """How many digits a spoken number has, and whether most of them are said one by one."""
    digits = singles = others = 0
    after_tens = False
    for word in _WORD.findall(said.lower()):
        if word in _VALUES:
            digits += 0 if after_tens and word not in ("oh", "o", "zero") else 1
            singles += 1
        elif word in _MULTIPLES:
            digits += _MULTIPLES[word]
        elif word in _TEEN_WORDS or word in _TENS_WORDS:
            digits += 2
            others += 1
        elif word == "hundred":
            digits += 2
        elif word == "thousand":
            digits += 3
        elif word.isdigit():
            digits += len(word)
            singles += 1
        after_tens = word in _TENS_WORDS
    return digits, singles >= 2 * others
