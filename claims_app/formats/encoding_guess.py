"""Guesses the encoding of text that is neither Unicode nor plainly Windows-1252.

charset-normalizer proposes encodings. It judges a text by the frequencies of letters in languages, of which lists of
names and titles are too short samples, so the proposals are ranked here by what is odd in the words that they give:
signs inside words (“M³odzieñcze”), capitals inside words, scripts or accents that no language mixes, and East Asian
characters that hardly anybody uses.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from claims_app.rules.text import is_accent

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "windows-1252": "Windows-1252",
    "windows-1250": "Windows-1250",
    "windows-1251": "Windows-1251",
    "windows-1253": "Windows-1253",
    "windows-1254": "Windows-1254",
    "windows-1255": "Windows-1255",
    "windows-1256": "Windows-1256",
    "windows-1257": "Windows-1257",
    "iso-8859-1": "ISO-8859-1",
    "iso-8859-2": "ISO-8859-2",
    "iso-8859-15": "ISO-8859-15",
    "koi8-r": "KOI8-R",
    "mac-roman": "Mac Roman",
    "mac-latin2": "Mac Central European",
    "shift-jis": "Shift-JIS",
    "euc-jp": "EUC-JP",
    "euc-kr": "EUC-KR",
    "gb18030": "GB18030",
    "big5": "Big5",
}
"""The encodings that a person can choose, with their names."""

_CODECS = {"shift-jis": "cp932", "euc-kr": "cp949", "mac-roman": "mac_roman", "mac-latin2": "mac_latin2"}
"""The codecs of Python that have another name; those of Windows contain the standards."""

# In the order in which they are preferred where nothing tells them apart. Korean text is valid Chinese, but Chinese is
# hardly ever nothing but the syllables of Korean.
_GUESSED = (
    *("windows-1252", "windows-1250", "windows-1251", "mac-roman", "windows-1254", "windows-1257", "koi8-r"),
    *("windows-1253", "windows-1255", "windows-1256", "shift-jis", "euc-jp", "euc-kr", "gb18030", "big5"),
)
_EAST_ASIAN = frozenset(("shift-jis", "euc-jp", "euc-kr", "gb18030", "big5"))
_PLAINLY = 0.05
"""The share of odd words up to which a text is plainly Windows-1252: names are in many languages."""
_DOUBTFUL = 0.15
_STEP = 0.05
"""Below this difference, the order of preference counts."""
_SAMPLE = 20_000
_WORDS = 2_000
_HIGH_RUN = re.compile(rb"[\x80-\xff][^\x00-\x1f,;\"]{0,60}")
_LONGEST_WORD = 60

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f\s]")
_BEFORE_IT = re.compile(r"[^\s,;|\"]*\Z")
_FROM_IT = re.compile(r"[^\s,;|\"]*")

_LETTERS = re.compile(r"[^\W\d_]+")
# “b—lu”, but not “pain—a review”; “Para’ba”, but not “author’s”: letters of another encoding.
_IN_PLACE_OF_LETTER = re.compile(
    r"(?<![^\W\d_])[^\W\d_][—–][a-z]{2}|[a-z]{3}’(?!(?:s|t|d|m|n|ll|re|ve|hui|an|sche[nrsm]?)(?![a-z]))[a-z]"
)

# Letters beyond a–z, for each language or group of languages that share a keyboard.
_ALPHABETS = tuple(
    frozenset(letters)
    for letters in (
        "àâæçéèêëîïôœùûüÿ",  # French
        "äöüß",  # German
        "áéíóúüñ",  # Spanish
        "áàâãçéêíóôõúü",  # Portuguese
        "àèéìíîòóùú",  # Italian
        "àçèéíïòóúü",  # Catalan
        "åäöéü",  # Swedish, Finnish
        "åæøéöäü",  # Danish, Norwegian
        "áéíóúýþæðö",  # Icelandic
        "áéëïíóöúüèê",  # Dutch
        "äõöüšž",  # Estonian
        "ąćęłńóśźż",  # Polish
        "áčďéěíňóřšťúůýž",  # Czech
        "áäčďéíĺľňóôŕšťúýž",  # Slovak
        "áéíóöőúüű",  # Hungarian
        "ăâîșțşţ",  # Romanian
        "čćđšž",  # Croatian, Slovene, Serbian
        "çğıöşüâîû",  # Turkish
        "āčēģīķļņšūžō",  # Latvian
        "ąčęėįšųūž",  # Lithuanian
        "çëäöü",  # Albanian, Luxembourgish
        "âêîôûŵŷáéíóúàèìòù",  # Welsh, Irish, Scottish
        "ċġħżàèìòù",  # Maltese
    )
)
_INSIDE = frozenset("’‘‐‑–—…·´®™©«»“”›‹„")
"""Signs that stand between two letters, at least where a blank is missing."""
_BEFORE = _INSIDE | frozenset("¿¡µ±•°ªº~‚†‡§¶")
_AFTER = _INSIDE | frozenset("°²³¹ªº•‰¨†‡§¶")
"""Signs that stand before and after a word."""


@dataclass(frozen=True)
class Guess:
    """A proposal: the name of the encoding, the text, and the share of its words that are odd."""

    name: str
    text: str
    odd: float


def codec_of(name: str) -> str:
    """Return Python's name of one of `ENCODINGS`."""
    return _CODECS.get(name, name)


def is_plainly_windows(text: str) -> bool:
    """Return whether a text that was read as Windows-1252 has hardly any odd word."""
    return _oddness(text, "windows-1252") <= _PLAINLY


def guess(data: bytes) -> Guess | None:
    """Return the encoding that `data` has by all signs, or None if it stays doubtful."""
    found = guesses(data)
    if not found:
        return None
    best = found[0]
    # The letters of Hebrew are at the places of the small letters of Cyrillic and Greek.
    has_case = best.name in {"windows-1251", "windows-1253", "koi8-r"}
    if has_case and not any(character.isupper() and character > "\x7f" for character in best.text):
        return None
    return best


def guesses(data: bytes) -> list[Guess]:
    """Return the encodings that may be the one of `data`, the best first; none if all give odd words."""
    runs = b"\n".join(
        re.split(rb"[\x00-\x20,;\"]", data[max(0, found.start() - 30) : found.start()])[-1] + found.group()
        for found in islice(_HIGH_RUN.finditer(data), _WORDS)
    )[:_SAMPLE]
    from charset_normalizer import from_bytes  # 3 MB that few files need

    # A short sample, repeated, is judged like a long one.
    sample = runs * max(1, 2_000 // max(1, len(runs)))
    names = [_python_name(name) for name in _GUESSED]
    proposed = {found.encoding for found in from_bytes(sample, cp_isolation=names, threshold=0.5)}
    found = list[Guess]()
    for name in _GUESSED:
        if _python_name(name) not in proposed:
            continue
        try:
            text = data.decode(codec_of(name))
        except UnicodeDecodeError:
            continue
        found.append(Guess(name, text, _oddness(text, name)))
    found = [guess for guess in found if guess.odd <= _DOUBTFUL]
    return sorted(found, key=lambda guess: int(guess.odd / _STEP))


def _python_name(name: str) -> str:
    codec = codec_of(name)
    return codec.replace("windows-", "cp").replace("-", "_")


def _oddness(text: str, name: str) -> float:
    """Return the share of odd words among those with letters or signs beyond ASCII."""
    if name in _EAST_ASIAN:
        return _oddness_of_characters(text, name)
    words = odd = 0
    for word in _words(text):
        words += 1
        odd += _is_odd(word)
    return odd / words if words else 0.0


def _words(text: str) -> Iterator[str]:
    """Yield the first words that have a character beyond ASCII, as far as they are of the length of words."""
    number = end = 0
    for found in _BEYOND_ASCII.finditer(text):
        start = found.start()
        if start < end:
            continue
        before = _BEFORE_IT.search(text[max(end, start - _LONGEST_WORD) : start])
        after = _FROM_IT.match(text, start, start + _LONGEST_WORD)
        end = after.end() if after else start + 1
        yield (before.group() if before else "") + text[start:end]
        number += 1
        if number >= _WORDS:
            return


def _is_odd(word: str) -> bool:
    """Return whether a word is none in any language: by its signs, its capitals, its scripts or its accents."""
    for before, sign, after in zip(f" {word}", word, f"{word[1:]} ", strict=False):
        if sign <= "\x7f" or _is_letter(sign) or is_accent(sign):
            continue
        match before.isalpha(), after.isalpha():
            case True, True if sign not in _INSIDE:
                return True
            case False, True if sign not in _BEFORE and not before.isdigit():
                return True
            case True, False if sign not in _AFTER and not after.isdigit():
                return True
    for part in _LETTERS.findall(word):
        if part.isascii() or (part[0] == "µ" and len(part) <= 4):
            continue
        if _mixes(part) or _has_odd_case(part) or _has_odd_accents(part):
            return True
    return _IN_PLACE_OF_LETTER.search(word) is not None


def _has_odd_accents(part: str) -> bool:
    accents = {sign for sign in part.lower() if sign > "\x7f" and _script(sign) == "LATIN"}
    return bool(accents) and not any(accents <= alphabet for alphabet in _ALPHABETS)


def _is_letter(character: str) -> bool:
    return character.isalpha() and character not in "ƒªº" and unicodedata.category(character) != "Lm"


@cache
def _script(character: str) -> str:
    return unicodedata.name(character, "UNKNOWN").partition(" ")[0]


def _mixes(part: str) -> bool:
    return len({_script(character) for character in part if character.isalpha()}) > 1


def _has_odd_case(part: str) -> bool:
    """Return whether a capital beyond ASCII is within small letters, or a small first letter before capitals."""
    for before, sign, after in zip(f" {part}", part, f"{part[1:]} ", strict=False):
        if sign > "\x7f" and sign.isupper() and (before.islower() or (before.isupper() and after.islower())):
            return True
    return len(part) > 3 and part[0].islower() and part[1:].isupper()


def _oddness_of_characters(text: str, name: str) -> float:
    codec = codec_of(name)
    characters = list(islice((character for character in text if character > "\x7f"), _SAMPLE))
    different = set(characters)
    share = sum(not _is_common(character, name, codec) for character in different) / max(1, len(different))
    if name in {"shift-jis", "euc-jp"}:
        kana = sum(_script(character) in {"HIRAGANA", "KATAKANA"} for character in characters)
        # Japanese without kana is rare.
        share += 0.0 if kana * 20 >= len(characters) else 0.3
    return share


@cache
def _is_common(character: str, name: str, codec: str) -> bool:
    """Return whether a character is one of the common ones, which the standards put first."""
    script = _script(character)
    if unicodedata.category(character)[0] in "PZS":
        return script != "HALFWIDTH"
    written = character.encode(codec, "ignore")
    if len(written) != 2:
        return False
    lead, trail = written
    match name:
        case "shift-jis":
            return script in {"HIRAGANA", "KATAKANA"} or 0x88 <= lead <= 0x97 or lead <= 0x84
        case "euc-jp":
            return script in {"HIRAGANA", "KATAKANA"} or 0xB0 <= lead <= 0xCF
        case "euc-kr":
            return 0xB0 <= lead <= 0xC8 and trail >= 0xA1
        case "gb18030":
            return 0xB0 <= lead <= 0xD7 and trail >= 0xA1
    return 0xA4 <= lead <= 0xC6
