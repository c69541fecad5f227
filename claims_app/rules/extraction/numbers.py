"""Numbers as they are printed: 0.35, .35, 0·35, −0.35, 1,234, twenty-nine."""

import re

NUMBER = r"[-−–+]?(?:[0-9]{1,3}(?:,[0-9]{3}){1,5}|[0-9]{1,9})?(?:[.·][0-9]{1,9})?(?<=[0-9])"
"""A printed number; some journals use a middle dot as the decimal point."""

_UNITS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: number for number, word in enumerate(_UNITS, start=1)}
_WORDS |= {word: number * 10 for number, word in enumerate(_TENS, start=2)}
_WORDS |= {
    f"{tens}{hyphen}{unit}": _WORDS[tens] + _WORDS[unit]
    for tens in _TENS
    for unit in _UNITS[:9]
    for hyphen in ("-", " ", "‐")
}

COUNT = r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,5}|[0-9]{1,7}|" + "|".join(sorted(_WORDS, key=len, reverse=True)) + ")"
"""A printed count, in digits or as a word up to ninety-nine; matched case-insensitively."""


def number(printed: str) -> str:
    """Return a printed number as input for a field. Raises ValueError if it is not a number."""
    plain = printed.replace(",", "").replace("·", ".").translate(str.maketrans("−–", "--")).lstrip("+")
    float(plain)
    sign, digits = ("-", plain[1:]) if plain.startswith("-") else ("", plain)
    return sign + ("0" + digits if digits.startswith(".") else digits)


def count(printed: str) -> str:
    """Return a printed count in digits. Raises ValueError if it is not a number."""
    word = re.sub(r"\s+", " ", printed.strip().lower())
    return str(_WORDS[word]) if word in _WORDS else str(int(printed.replace(",", "")))
