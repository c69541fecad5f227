"""Comparing titles and names of authors, ignoring differences in spelling.

Like Zotero and JabRef, it ignores case, accents, punctuation, blanks and mark-up. It also treats Greek letters like
their names and Roman numerals like numbers, and it recognises missing subtitles and truncated titles.
"""

import functools
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from claims_app.rules.overlap import AuthorKey, author_key, without_orcid
from claims_app.rules.text import plain
from claims_app.rules.words import WORD

NEAR = 90
"""The similarity (out of 100) from which two titles count as spellings of one title."""
_LOWEST = 0.6
"""The likeness below which two titles have nothing to do with each other."""
_CUT = 93
"""The similarity from which a title is another one without its subtitle."""

_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9:]{0,15}(?:\s[^<>]{0,200})?/?>")
_LATEX = re.compile(r"\\[A-Za-z]+\b\s?|[{}$\\]")
_SUBTITLE = re.compile(r"(?:[:?!]|\s[-–—]|[–—]|\.)\s*(?=\S)")
_ARTICLE = re.compile(r"^(?:the|an?|der|die|das|ein|eine|le|la|les|l|un|une|el|los|las|il|lo)\s+")
_NUMBER = re.compile(r"\d+")
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau "
    "upsilon phi chi psi omega"
)
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        _GREEK_NAMES.split(),
        strict=True,
    )
) | {"ς": "sigma"}
_IN_GREEK = re.compile("|".join(_GREEK))
_SMALL_WORDS = (
    "a an and are as at be by de der des die du el et for from has have in into is it its la le of on or the "
    "their to und was were who with"
)
_SMALL = frozenset(_SMALL_WORDS.split())
"""Words that say nothing about the subject of a title."""

_TELLING_WORDS = (
    "abstract addendum answer author authors comment commentary concern corrected correction corrigendum "
    "editorial erratum expression letter no non not notice protocol rebuttal reply response retracted "
    "retraction supplement updated without withdrawal withdrawn"
)
_TELLING = frozenset(_TELLING_WORDS.split())
"""Words that make two reports of titles that are otherwise the same."""
_IN_SUBTITLES = frozenset(("no", "non", "not", "updated", "without"))

_UMLAUT = re.compile(r"(?<=[aou])e(?=[a-z])")
_LAST_INITIALS = re.compile(r"^(?:[A-Z]\.?[\s-]*){1,4}\s(?P<family>\S.+)$")


def letters(text: str) -> str:
    """Return the letters and digits of a title in the form in which they are compared."""
    return "".join(words(text))


def words(text: str) -> list[str]:
    """Return the words of a title in the form in which they are compared, without a leading article."""
    # Twice, because two programs in a row may have turned α into &amp;alpha;.
    spelled = _LATEX.sub(" ", _TAG.sub("", html.unescape(html.unescape(text))))
    # Only whole words can be Roman numerals.
    flat = plain(spelled).replace("&", " and ")
    if not flat.isascii():
        flat = _IN_GREEK.sub(lambda match: _GREEK[match.group()], flat)
    flat = flat.replace("'", "").replace("’", "").replace("\N{SOFT HYPHEN}", "")
    flat = _ARTICLE.sub("", flat.strip())
    return [_ROMAN.get(word, word) if len(word) > 1 else word for word in WORD.findall(flat)]


@dataclass(frozen=True)
class Title:
    """A title, with its parts for comparing."""

    text: str

    @cached_property
    def words(self) -> list[str]:
        """Its words, in the form in which they are compared."""
        return words(self.text)

    @cached_property
    def letters(self) -> str:
        """Its letters and digits, without blanks."""
        return "".join(self.words)

    @cached_property
    def sorted_words(self) -> str:
        """Its words in alphabetical order."""
        return " ".join(sorted(self.words))

    @cached_property
    def main(self) -> str:
        """Its letters and digits before the subtitle; all of them if there is none."""
        parts = _SUBTITLE.split(self.text, maxsplit=1)
        if len(parts) == 1:
            return self.letters
        first = letters(parts[0])
        return first if len(first) >= 15 else self.letters

    @cached_property
    def significant(self) -> list[str]:
        """The words that say what it is about, each once."""
        return [word for word in dict.fromkeys(self.words) if word not in _SMALL]

    @cached_property
    def telling(self) -> frozenset[str]:
        """The words that distinguish it from reports with the same title otherwise, and its numbers."""
        # The last word may be truncated, so only the digits of a word are compared.
        numbers = {number for word in self.words for number in _NUMBER.findall(word)}
        singles = {_ROMAN[word] for word in self.words if word in ("i", "v")}
        return frozenset(numbers | singles | (_TELLING & set(self.words)))


title_of = functools.lru_cache(maxsize=2_000)(Title)
"""Returns the title with a text: the same one for titles that recur, so that its parts are worked out once."""


@dataclass(frozen=True)
class TitleLikeness:
    """How similar two titles are, from 0 to 1, and the reason, as a sentence.

    `near` means that they may be one title, and `equal` that they are. `lacks_word` means that one of them has an
    additional word: a slip, or another report.
    """

    likeness: float
    sentence: str
    near: bool = False
    equal: bool = False
    lacks_word: bool = False


def compare_titles(one: Title, other: Title) -> TitleLikeness:
    """Return how similar two titles are."""
    if not one.letters or not other.letters:
        return TitleLikeness(0, "One of the records has no title.")
    if one.letters == other.letters:
        same = one.text.strip() == other.text.strip()
        how = "The titles are the same." if same else "The titles differ only in spelling."
        return TitleLikeness(1, how, near=True, equal=True)
    short, long = sorted((one, other), key=lambda title: len(title.letters))
    cut = _is_cut(short, long)
    telling = _added(short, long) if cut else one.telling ^ other.telling
    if telling:
        listed = ", ".join(f"“{word}”" for word in sorted(telling))
        likeness = fuzz.ratio(one.letters, other.letters) / 100
        return TitleLikeness(likeness, f"Only one title contains {listed}.")
    if cut:
        lost_subtitle = fuzz.ratio(short.letters, long.main) >= _CUT
        how = "lacks the subtitle" if lost_subtitle else "is a truncated version"
        return TitleLikeness(0.95, f"One title {how} of the other.", near=True)
    return _compare_words(one, other)


def may_be_like(one: Title, others: Sequence[Title], likeness: float) -> list[int]:
    """Return the places of those of `others` that `compare_titles` may find at least so like `one`; at least 0.6.

    It leaves out most of the others at a small part of the cost of comparing them.
    """
    if not one.letters:
        return []
    letters_of = [other.letters for other in others]
    everywhere = range(len(others))
    scores = _scores(one.letters, letters_of, everywhere, 100 * _LOWEST)
    found = {place for place, score in scores.items() if score >= 100 * likeness}
    # Another word that tells reports apart leaves no likeness but that of the letters.
    telling = one.telling
    equally = [place for place, other in enumerate(others) if other.telling == telling]
    found.update(place for place in equally if place in scores)
    words_of = [others[place].sorted_words for place in equally]
    found |= _scores(one.sorted_words, words_of, equally, 100 * _LOWEST).keys()
    # One may be the other one cut.
    with_subtitle = [place for place, other in enumerate(others) if other.main != letters_of[place]]
    found |= _scores(one.letters, [others[place].main for place in with_subtitle], with_subtitle, _CUT).keys()
    if one.main != one.letters:
        found |= _scores(one.main, letters_of, everywhere, _CUT).keys()
    whole = one.letters
    # For most titles, two searches tell that none begins with another.
    if whole.startswith(tuple(letters_of)) or f"\n{whole}" in "\n".join(["", *letters_of]):
        for place, other in enumerate(letters_of):
            if whole.startswith(other) or other.startswith(whole):
                found.add(place)
    return sorted(place for place in found if letters_of[place])


def _scores(text: str, others: Sequence[str], places: Sequence[int], least: float) -> dict[int, float]:
    """Return by place the similarity, out of 100, of those of `others` that are at least so similar to `text`."""
    found = process.extract(text, others, scorer=fuzz.ratio, score_cutoff=least, limit=None) if others else ()
    return {places[at]: score for _, score, at in found}


def _is_cut(short: Title, long: Title) -> bool:
    """Return whether the end or the subtitle of the longer title is missing in the other one."""
    if short.letters == long.main:
        return True
    whole = short.main == short.letters and long.main != long.letters
    if whole and len(long.main) >= 30 and fuzz.ratio(short.letters, long.main) >= _CUT:
        return True
    if not long.letters.startswith(short.letters) or len(short.letters) < 25 or len(short.significant) < 3:
        return False
    # Truncated in the middle of a word or with “…”. Otherwise a few more words make it another title: “in rats”.
    more = len(long.significant) - len(short.significant)
    return more > 3 or short.text.rstrip().endswith(("…", "...")) or short.words[-1] not in long.words


def _added(short: Title, long: Title) -> frozenset[str]:
    """Return the additional words that make the longer title that of another report.

    Numbers and some words, such as “not”, do not count, because they are common in subtitles.
    """
    return ((_TELLING - _IN_SUBTITLES) | {"part"}) & (set(long.words) - set(short.words))


def _compare_words(one: Title, other: Title) -> TitleLikeness:
    likeness = max(
        fuzz.ratio(one.letters, other.letters),
        fuzz.ratio(one.sorted_words, other.sorted_words),
    )
    if likeness < 100 * _LOWEST:
        return TitleLikeness(likeness / 100, "The titles differ.")
    ours, theirs = (
        _unmatched(one.significant, other.significant),
        _unmatched(other.significant, one.significant),
    )
    if not ours and not theirs:
        return TitleLikeness(max(likeness, NEAR) / 100, "The titles contain the same words.", near=True)
    # Hyphens and blanks do not matter: “anti satellite” and “antisatellite” are the same.
    if fuzz.ratio("".join(ours), "".join(theirs)) >= NEAR:
        return TitleLikeness(likeness / 100, "The titles differ only in spelling.", near=True)
    count = max(len(ours), len(theirs))
    differ = f"The titles differ in {count} word{'' if count == 1 else 's'}: {_listed(ours)} and {_listed(theirs)}."
    # A missing word may be a slip. A different word makes it another title.
    missing = (not ours or not theirs) and count <= max(1, len(one.significant) // 6) and likeness >= NEAR
    return TitleLikeness(likeness / 100, differ, near=missing, lacks_word=missing)


def _unmatched(ours: list[str], theirs: list[str]) -> list[str]:
    """Return the words of `ours` that have no spelling in `theirs`."""
    known = set(theirs)
    return [
        word
        for word in ours
        if word not in known
        and not any(abs(len(word) - len(other)) <= 2 and _is_spelling(word, other) for other in theirs)
    ]


def _is_spelling(word: str, other: str) -> bool:
    # One letter makes short words different: “cat”, “car”.
    return len(word) > 4 and len(other) > 4 and fuzz.ratio(word, other) >= 80


def _listed(some: list[str]) -> str:
    return "“" + " ".join(some[:4]) + ("…" if len(some) > 4 else "") + "”" if some else "nothing"


@functools.lru_cache(maxsize=10_000)
def name_keys(author: str) -> tuple[AuthorKey, ...]:
    """Return the possible keys of an author's name. “Andreas Goebel” and “A. Goebel” both have Goebel A.

    Ö and OE are the same, and so are O and Ø. A double family name also matches each of its parts.
    """
    name = without_orcid(html.unescape(author)).strip().rstrip(".,;")
    keys = [author_key(name)]
    if "," not in name and " " in name:
        if match := _LAST_INITIALS.match(name):
            keys.append(author_key(f"{match['family']}, {name}"))
        else:
            given, family = name.rsplit(" ", 1)
            keys.append(author_key(f"{family}, {given}"))
    family = name.split(",")[0]
    given = name.split(",", 1)[1] if "," in name else ""
    parts = [part for part in re.split(r"[\s\-‐‑–]+", family) if len(part) > 3]
    if "," in name and len(parts) > 1:
        keys.extend(author_key(f"{part}, {given}") for part in (parts[0], parts[-1]))
    return tuple(
        dict.fromkeys(key._replace(family=_UMLAUT.sub("", key.family)) for key in keys if key.family)
    )
