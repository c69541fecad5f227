"""Whether the titles of two records that share an identifier are those of one publication.

Files and services hold wrong identifiers: a chapter with the DOI of its book, a reply with that of the paper it is
about, a PubMed number that slipped by a line. So an identifier decides only together with a title. The comparison
is more lenient than one by title alone: shortened titles, lost subtitles, and a title in two languages agree.
"""

import re

from rapidfuzz import fuzz

from claims_app.rules.notices import is_marked_retracted, is_reply, notice_in, without_retraction_mark
from claims_app.rules.titles import Title, compare_titles

_ALIKE = 88
"""The similarity (out of 100) from which two titles with one identifier are spellings of one title."""
_SPELLING = 93
"""The similarity from which a part of a title is a spelling of another title."""
_ENOUGH = 15
"""The letters from which a part of a title says which publication it is."""
_WORDS = 3
"""The significant words that a shortened title has at least."""
_BRACKETED = re.compile(r"(?:(?<!\s)\s++)?[\[(]([^\[\]()]*+)[\])]\.?")
_PARALLEL = re.compile(r"(?<!\s)\s++[=/|]\s++|(?:(?<!\s)\s++)?[.;:?!]\s++")
_NUMBERED = re.compile(r"\b(?:part|chapter|volume|vol|no|kapitel|teil)\W*(\w+)", re.IGNORECASE)


def titles_agree(one: Title, other: Title) -> bool:
    """Return whether the titles can be those of one publication; a missing title says nothing against it."""
    if not one.letters or not other.letters:
        return True
    if one.letters == other.letters:
        return True
    if _about_another(one.text) != _about_another(other.text):
        return False
    ours, theirs = _wholes(one), _wholes(other)
    if any(_alike(first, second) for first in ours for second in theirs):
        return True
    # A part of one title may be the other title, but two titles that share a part are those of a series.
    pairs = [(part, whole) for part in _parts(one) for whole in theirs]
    pairs += [(part, whole) for part in _parts(other) for whole in ours]
    return any(fuzz.ratio(part.letters, whole.letters) >= _SPELLING for part, whole in pairs)


def _about_another(text: str) -> object:
    """Return what kind of publication about another one this is: a notice of some nature, a reply, or neither."""
    notice = notice_in(text)
    return notice.nature if notice is not None else is_reply(text)


def _wholes(title: Title) -> list[Title]:
    """Return the title as it is, and without the mark of a retraction and what is in brackets."""
    text = without_retraction_mark(title.text) if is_marked_retracted(title.text) else title.text
    return _enough([text, _BRACKETED.sub(" ", text)]) or [title]


def _parts(title: Title) -> list[Title]:
    """Return the titles within a title: before a subtitle, or in another language."""
    first, *more = _PARALLEL.split(title.text)
    inside = [*_BRACKETED.findall(title.text), *more]
    return [*_enough([first]), *(part for part in _enough(inside) if len(part.significant) >= _WORDS)]


def _enough(texts: list[str]) -> list[Title]:
    titles = [Title(text) for text in dict.fromkeys(texts)]
    return [title for title in titles if len(title.letters) >= _ENOUGH]


def _alike(one: Title, other: Title) -> bool:
    if one.letters == other.letters or compare_titles(one, other).near:
        return True
    if _numbers(one) != _numbers(other):
        return False
    short, long = sorted((one, other), key=lambda title: len(title.letters))
    if long.letters.startswith(short.letters):
        says_so = short.text.rstrip().endswith(("…", "..."))
        if says_so or (len(short.letters) >= _ENOUGH and len(short.significant) >= _WORDS):
            return True
    return (
        fuzz.ratio(one.letters, other.letters) >= _ALIKE
        and fuzz.token_sort_ratio(" ".join(one.words), " ".join(other.words)) >= _ALIKE
        and not _replaced(one, other)
    )


def _numbers(title: Title) -> set[str]:
    return {number.casefold() for number in _NUMBERED.findall(title.text)}


def _replaced(one: Title, other: Title) -> bool:
    """Return whether a word of one title is another word in the other: “in men”, “in mice”."""
    ours = [word for word in one.significant if word not in other.significant]
    theirs = [word for word in other.significant if word not in one.significant]
    return bool(ours and theirs) and fuzz.ratio("".join(ours), "".join(theirs)) < 70
