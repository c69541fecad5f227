"""Names of authors: from what programs write to the stored form “Family, Given, Suffix”, and back to its parts.

A name without a comma is that of a group, unless its form says otherwise: initials at the end (“Liu R.”, as MEDLINE and
Embase write) or in front (“A. Doe”). The words of groups (“Study Group”) and of lists (“et al.”) are those of English,
with a few of other languages.
"""

import ast
import functools
import re
from dataclasses import dataclass, field

from claims_app.rules.text import one_line, unescape

_LONGEST_NAME = 200
"""What has more characters is not taken apart."""

_UPPER = r"[^\W\d_a-zß-öø-ÿ]"
_INITIALS = rf"(?:{_UPPER}\.?[ \-‐‑]?){{0,4}}{_UPPER}\.?"
_SUFFIX = r"(?:[JS]r\.?|JR\.?|SR\.?|II|III|IV|2nd|3rd|4th|2d|3d)"
_PARTICLE = r"(?i:van|von|de|der|den|del|della|di|da|dos|das|du|la|le|ten|ter|zu|zur|bin|al|el|'t)"

_IS_SUFFIX = re.compile(_SUFFIX)
_ENDS_IN_SUFFIX = re.compile(rf"^(.*\S)\s+({_SUFFIX})$")
_INITIALS_LAST = re.compile(rf"^(?P<family>\S.*?) (?P<given>{_INITIALS})(?: (?P<suffix>{_SUFFIX}))?$")
_ONLY_INITIALS = re.compile(_INITIALS)
_INITIALS_FIRST = re.compile(
    rf"^(?!.{{{_LONGEST_NAME + 1}}})"
    rf"(?P<given>(?:{_UPPER}\.[ \-‐‑]?)+(?:[^\W\d_]\S*\s)*?|[^\W\d_][\w'’\-]+\s(?:{_UPPER}\.?\s)+)"
    rf"\s*(?P<family>(?:{_PARTICLE}\s)*[^\W\d_][\w'’\-]+(?: {_SUFFIX})?)$"
)
_GIVEN_FIRST = re.compile(
    rf"^(?P<given>(?:{_UPPER}[\w'’.\-]*\s)+?)(?P<family>(?:{_PARTICLE}\s)*{_UPPER}[\w'’\-]+)"
    rf"(?: (?P<suffix>{_SUFFIX}))?$"
)
# Capitals at the end that are a country or a legal form, not initials.
_NOT_INITIALS = frozenset("UK US USA EU UN WHO II III IV LLC LTD INC PLC KG".split())  # noqa: SIM905
_GROUP_WORDS = frozenset(
    (
        *(
            "group",
            "groups",
            "groupe",
            "gruppe",
            "grupo",
            "team",
            "teams",
            "study",
            "studies",
            "trial",
            "trials",
        ),
        *(
            "trialists",
            "investigator",
            "investigators",
            "network",
            "networks",
            "sociedad",
            "gesellschaft",
            "committee",
        ),
        *(
            "committees",
            "comité",
            "comite",
            "commission",
            "college",
            "hospital",
            "hospitals",
            "agency",
            "department",
        ),
        *(
            "departments",
            "ministry",
            "center",
            "centers",
            "centre",
            "centres",
            "council",
            "board",
            "panel",
            "project",
        ),
        *(
            "program",
            "programme",
            "initiative",
            "alliance",
            "foundation",
            "federation",
            "academy",
            "school",
            "working",
        ),
        *("writing", "steering", "research", "members", "authors", "office", "bureau", "service", "services"),
        *(
            "registry",
            "register",
            "company",
            "limited",
            "ltd",
            "inc",
            "gmbh",
            "corp",
            "corporation",
            "plc",
            "health",
        ),
        *("national", "international", "european", "american", "science", "sciences"),
    )
)
_GROUP_STEMS = (
    "consorti",
    "collaborat",
    "associat",
    "institut",
    "universi",
    "organisation",
    "organization",
    "societ",
    "sociét",
)
# In lower case only: “Park, In Young” is a person.
_LINKS = frozenset(("and", "for", "of", "the", "on", "in", "und", "für"))
_WORD = re.compile(r"[^\W\d_]+")
_NOBODY = frozenset(
    (
        *(
            "anonymous",
            "[anonymous]",
            "anon",
            "no authors listed",
            "[no authors listed]",
            "no author listed",
            "no author",
        ),
        *("na", "n/a", "nan", "none", "null", "undefined", "-", "--"),
    )
)
_MORE = re.compile(
    r"(?:^|[\s,;(\[])(?:et[\s.]+al(?:ii|ia)?\b\.?|and\s+others|u\.\s?a\.)[\s.)\]]*$|^others$", re.IGNORECASE
)
# The number of an author in Scopus, or an address of mail.
_NUMBER = re.compile(r"(?:(?<!\s)\s++)?[(\[](?:\d{5,}+|[^\s()\[\]@]++@[^\s()\[\]]++)[)\]]$")
_AND = re.compile(
    r"(?:(?:(?<!\s)\s++)?,|(?<!\s))\s++(?:and|&|und|et|y)\s++|(?:(?<!\s)\s++)?&\s*+", re.IGNORECASE
)
_THE_GROUP = re.compile(r"(?:(?:on behalf of|for)\s+)?the\s", re.IGNORECASE)
_LEADING_AND = re.compile(r"^(?:and\s+|&\s*)", re.IGNORECASE)
_LIST = re.compile(r"^\s*\[\s*['\"].*['\"]\s*,?\s*\]\s*$|^\s*\[\s*\]\s*$", re.DOTALL)
_ITEM = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")


@dataclass(frozen=True)
class Person:
    """The parts of a person's name; `given` and `suffix` may be empty."""

    family: str
    given: str
    suffix: str = ""

    def __str__(self) -> str:
        return join_name(self.family, self.given, self.suffix)


@dataclass(frozen=True)
class Names:
    """The names in a list of authors; `more` says that the list itself ends with “et al.”."""

    names: list[str] = field(default_factory=list)
    more: bool = False


def join_name(family: str, given: str, suffix: str = "") -> str:
    """Return “Family, Given, Suffix” from the parts of a name that are not empty."""
    return ", ".join(part for part in map(one_line, (family, given, suffix)) if part)


def parts_of(name: str) -> Person | None:
    """Return the parts of the name of a person, or None for the name of a group."""
    person = _parts(name)
    # “Doe Jr A” has its suffix in the middle, which shows only once its initials are apart.
    for _ in range(3):
        again = _parts(str(person)) if person else None
        if again == person:
            return person
        person = again
    return None


def _parts(name: str) -> Person | None:
    name = one_line(name)
    if len(name) > _LONGEST_NAME:
        return None
    parts = [part.strip() for part in name.split(",")]
    if not all(parts):
        return None
    if len(parts) == 1:
        return _without_comma(name)
    if len(parts) == 3:
        family, second, third = parts
        if _IS_SUFFIX.fullmatch(second):
            return Person(family, third, second)
        return Person(family, second, third) if _IS_SUFFIX.fullmatch(third) else None
    if len(parts) > 3:
        return None
    family, given = parts
    if _is_group(given) or (" " in family and _is_group(family)):
        return None
    # “Doe,Anna”, but not “1,2”.
    if ", " not in name and any(map(str.isdigit, name)):
        return None
    if (suffixed := _ENDS_IN_SUFFIX.match(given)) or (suffixed := _ENDS_IN_SUFFIX.match(family)):
        rest, suffix = suffixed.groups()
        return Person(family, rest, suffix) if suffixed.string == given else Person(rest, given, suffix)
    return Person(family, given)


def means_more(name: str) -> bool:
    """Return whether `name` means further names: “et al.”, “and others”."""
    return bool(name) and not _MORE.sub("", name).strip()


def is_nobody(name: str) -> bool:
    """Return whether `name` is that of nobody: “et al.”, “[Anonymous]”, “NA”."""
    return name.casefold() in _NOBODY or name.casefold().strip(".") in _NOBODY or means_more(name)


def tidy_name(name: str) -> str:
    """Return a name in its stored form: that of a person as “Family, Given, Suffix”, that of a group as it is."""
    name = one_line(name)
    person = parts_of(name)
    return str(person) if person else name


def from_initials(name: str) -> str:
    """Return “Goebel, A” for “Goebel A”, which is known to be a person; other names are returned unchanged."""
    found = _INITIALS_LAST.match(one_line(name)) if len(name) < _LONGEST_NAME else None
    return join_name(found["family"], found["given"], found["suffix"] or "") if found else name


def split_names(text: str, *, given_first: bool = False, commas: bool = True) -> Names:
    """Return the names in `text`: one name, or a list in any of the forms that programs write.

    “Anna Doe, Ben Roe” is two names. Without `commas`, for files whose lists are separated otherwise, it is one, as
    “Garcia Lopez, Maria Jose” is. `given_first` says that the names are known to be “Given Family”. “et al.” and
    “[Anonymous]” are no names.
    """
    # The authors of a library recur, and taking a name apart costs more than all else that is read of most records.
    split = _split_short if len(text) <= _LONGEST_NAME else _split
    names, more = split(text, given_first, commas)
    return Names(list(names), more)


def _split(text: str, given_first: bool, commas: bool) -> tuple[tuple[str, ...], bool]:
    text = one_line(unescape(text))
    if _LIST.match(text):
        lists = [_split(item, given_first, commas=False) for item in _items(text)]
        return tuple(name for names, _ in lists for name in names), any(more for _, more in lists)
    shorter = _MORE.sub("", text)
    more = shorter != text
    text = shorter.strip().strip(";").strip()
    if ";" in text or "|" in text:
        pieces = [
            part for piece in re.split(r"[;|]", text) for part in _separated(piece.strip(), commas=False)
        ]
    else:
        pieces = _separated(text, commas=commas)
    pieces = [_LEADING_AND.sub("", _NUMBER.sub("", _MORE.sub("", piece.strip()))).strip() for piece in pieces]
    people = [piece for piece in pieces if piece and not _is_group(piece)]
    given_first = given_first or (len(people) > 1 and all(map(_is_given_first, people)))
    names = [_stored(piece, given_first=given_first) for piece in pieces]
    return tuple(name for name in names if name), more


_split_short = functools.lru_cache(maxsize=10_000)(_split)


def _is_group(text: str) -> bool:
    """Return whether a name has a word of groups."""
    if "&" in text:
        return True
    for word in _WORD.findall(text):
        lower = word.lower()
        if word in _LINKS or lower in _GROUP_WORDS or lower.startswith(_GROUP_STEMS):
            return True
    return False


def _items(text: str) -> list[str]:
    """Return the texts in a list as Python or JSON write it, such as `['Doe, Anna', "O'Neil, B"]`."""
    try:
        items = ast.literal_eval(text.strip()) if len(text) < 100_000 else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        items = None
    if isinstance(items, list) and all(isinstance(item, str) for item in items):
        return [str(item) for item in items]
    return [first or second for first, second in _ITEM.findall(text)]


def _separated(text: str, *, commas: bool) -> list[str]:
    """Return the parts of `text` between words such as “and”, and between commas where these separate names."""
    pieces = [piece for piece in (piece.strip(" ,") for piece in _AND.split(text)) if piece]
    # “Doe A, Roe B and the Study Group” is a list, “Kidney and Liver Group” and “Procter & Gamble” are names.
    if not all(_is_person(piece) for piece in pieces[:-1]) or not (
        len(pieces) < 2 or _is_person(pieces[-1]) or _THE_GROUP.match(pieces[-1])
    ):
        pieces = [text]
    return [name for piece in pieces for name in _commas(piece, given_first=commas) or [piece]]


def _is_person(text: str) -> bool:
    """Return whether `text` is a person, or a list of persons, by its form."""
    if _is_group(text):
        return False
    return (
        "," in text
        or (len(text) <= _LONGEST_NAME and _without_comma(text) is not None)
        or _is_given_first(text)
    )


def _is_given_first(text: str) -> bool:
    """Return whether `text` may be “Anna Doe”; so may be some groups, so it takes several to tell."""
    if "," in text or len(text) > _LONGEST_NAME or _initials_last(text):
        return False
    return _GIVEN_FIRST.match(text) is not None or _INITIALS_FIRST.match(text) is not None


def _commas(text: str, *, given_first: bool) -> list[str] | None:
    """Return the names in `text` if its commas separate names, and not the parts of one.

    `given_first` says whether these may be “Anna Doe, Ben Roe”.
    """
    if "," not in text:
        return None
    parts = [part for part in (part.strip() for part in text.split(",")) if part]
    if len(parts) < 2 or any(len(part) > _LONGEST_NAME for part in parts):
        return None
    initials = [_ONLY_INITIALS.fullmatch(part) is not None for part in parts]
    # “Doe, A., Roe, B.”
    if len(parts) > 2 and len(parts) % 2 == 0 and all(initials[1::2]) and not any(initials[::2]):
        return [f"{family}, {given}" for family, given in zip(parts[::2], parts[1::2], strict=True)]
    # “Doe AB, Roe B, Study Group.”
    first = _initials_last(parts[0])
    if first and all(_initials_last(part) or _is_group(part) or " " in part for part in parts[1:]):
        return [*parts[:-1], parts[-1].removesuffix(".") if "." not in first["given"] else parts[-1]]
    # “Anna Doe, Ben Roe”
    people = sum(map(_is_given_first, parts))
    if given_first and people > 1 and all(_is_given_first(part) or _is_group(part) for part in parts):
        return parts
    return None


def _stored(name: str, *, given_first: bool) -> str:
    """Return a name in its stored form, or nothing if it names nobody."""
    if is_nobody(name):
        return ""
    # EndNote's way to say that a name is that of a group.
    if name.endswith(","):
        return name.rstrip(", ")
    if given_first and "," not in name and len(name) <= _LONGEST_NAME and not _is_group(name):
        found = _INITIALS_FIRST.match(name) or _GIVEN_FIRST.match(name)
        if found:
            suffixed = _ENDS_IN_SUFFIX.match(found["family"])
            family, suffix = (
                suffixed.groups() if suffixed else (found["family"], found.groupdict().get("suffix") or "")
            )
            return join_name(family, found["given"], suffix)
    return tidy_name(name)


def _without_comma(name: str) -> Person | None:
    """Return the parts of a name whose initials show that it is a person's."""
    if found := _initials_last(name):
        return Person(found["family"], found["given"], found["suffix"] or "")
    found = _INITIALS_FIRST.match(name)
    if not found or _is_group(name):
        return None
    suffixed = _ENDS_IN_SUFFIX.match(found["family"])
    family, suffix = suffixed.groups() if suffixed else (found["family"], "")
    return Person(family, found["given"].strip(), suffix)


def _initials_last(name: str) -> re.Match[str] | None:
    found = _INITIALS_LAST.match(name)
    if not found or found["given"] in _NOT_INITIALS or _is_group(found["family"]):
        return None
    family = found["family"]
    # “A. B.” has no family name, and “X2 Y” is no name.
    return found if len(family.strip(".")) > 1 and not any(map(str.isdigit, family)) else None
