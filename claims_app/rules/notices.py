"""Recognises titles of publications about another one: notices, and replies and comments.

The wordings are those in use by publishers and PubMed (NLM, "Errata, Retractions, and Other Linked Citations in
PubMed"; COPE, "Retraction Guidelines", 2019: a notice is titled so that it names the retracted article). A title such
as “RETRACTED: …” is that of the retracted article itself.
"""

import re
from dataclasses import dataclass

from claims_app.vocabulary import NoticeNature

_RETRACTED_ITSELF = re.compile(
    r"^[\W_]*(?:retracted|withdrawn|(?:temporary )?removal|temporarily removed|removed)"
    r"(?:[\s-]+(?:article|paper|chapter|manuscript|publication))?\s*(?:[:\])}*.|–—]|\s-\s)",
    re.IGNORECASE,
)
_RETRACTED_AT_END = re.compile(
    r"[\[(]\s*(?:retracted|withdrawn)(?:[\s-]+(?:article|paper))?\b[^\])]*[\])]\W*$|"
    r"\s[-–—]\s*retracted(?:\s+article)?\W*$",
    re.IGNORECASE,
)

# After the kind of a notice comes a mark (“Retraction: …”), or a word that no study has there (“Erratum to …”).
_MARK = r"(?:\s*[:.\])–—]|\s*-\s|\s*$)"
_OF_QUOTED = r"\s+(?:of|to|for|on|regarding)\s*[:“\"'‘«]"
_TO = r"\s+(?:to|for|on|regarding|concerning)\b"
_KINDS = "publisher|author|editor|editorial|partial|notice|statement|note|full"
_LEADING = rf"^[\W_]*(?:(?:{_KINDS})s?['’]?s?(?:\s+of)?[\s-]+)?"
_BEGINNINGS = {
    NoticeNature.REINSTATEMENT: rf"(?:reinstatement|retraction of (?:the )?retraction)(?:{_MARK}|{_TO}|{_OF_QUOTED})",
    NoticeNature.RETRACTION: (
        rf"(?:retraction|withdrawal)(?:{_MARK}|{_OF_QUOTED}|{_TO}|\s+(?:notice|note|statement)\b"
        rf"|\s+and\s+(?:replacement|republication)\b)"
    ),
    NoticeNature.EXPRESSION_OF_CONCERN: r"expressions?\s+of\s+(?:editorial\s+)?concern\b",
    NoticeNature.CORRECTION: (
        rf"(?:(?:errat(?:um|a)|corrigend(?:um|a)|addend(?:um|a))(?:{_MARK}|{_OF_QUOTED}|{_TO}|\s+(?:notice|in)\b)"
        rf"|corrections?(?:{_MARK}|{_OF_QUOTED}|\s+to\b|\s+(?:notice|note)\b))"
    ),
}
_BEGINS = {
    nature: re.compile(_LEADING + f"(?P<kind>{pattern})", re.IGNORECASE)
    for nature, pattern in _BEGINNINGS.items()
}
_ENDINGS = {
    NoticeNature.REINSTATEMENT: r"reinstatement",
    NoticeNature.RETRACTION: r"(?:notice of )?retraction(?: (?:notice|note|of|to)\b[^\])]*)?",
    NoticeNature.EXPRESSION_OF_CONCERN: r"(?:editorial )?expression of concern[^\])]*",
    NoticeNature.CORRECTION: r"(?:erratum|corrigendum|addendum|correction|correction of|published erratum)"
    r"(?: to\b[^\])]*| of\b[^\])]*)?",
}
_ENDS = {
    nature: re.compile(
        rf"\S\s*[\[(]\s*{pattern}\s*[\])]\W*$|\S(?:\s*[:–—]|[.?!]|\s-)\s*{pattern}\W*$", re.IGNORECASE
    )
    for nature, pattern in _ENDINGS.items()
}
# Web of Science appends the place of the corrected or retracted article.
_PLACE = re.compile(
    r"(?:(?<!\s)\s++)?\((?:(?P<retraction>retraction)\s+of\s+)?vol\.?\s*\d[^()]*,\s*(?:pg?s?\.?\s*)?[\w-]+,\s*(?:1[89]|20)\d\d\)\W*$",
    re.IGNORECASE,
)
_REPLY = re.compile(
    r"^[\W_]*(?:invited\s+|editorial\s+|guest\s+)?"
    r"(?:(?:in\s+)?(?:reply|response|rebuttal|rejoinder)(?:\s+(?:to|from|by)\b|\s*[:.–—])"
    r"|(?:authors?['’]?s?['’]?\s+)(?:reply|response|comment|answer)s?\b"
    r"|comment(?:s|ary|aries)?(?:\s+(?:on|to|regarding)\b|\s*[:.–—])"
    r"|discussion\s+(?:of|on)\b|discussion\s*[:.]"
    r"|letter(?:s)?(?:\s+to\s+the\s+editors?)?(?:\s+(?:regarding|concerning|on)\b|\s*[:.–—])"
    r"|re\s*:|editorial\s*[:.–—]|questions?\s+(?:about|regarding)\b)",
    re.IGNORECASE,
)
_REPLY_AT_END = re.compile(
    r"\S\s*(?:[:;.?!–—]|\s-)\s*(?:an?\s+|the\s+|authors?['’]?s?['’]?\s+|in\s+)?(?:invited\s+)?"
    r"(?:reply|response|comments?|commentary|rebuttal|rejoinder|letter(?:\s+to\s+the\s+editor)?)\W*$"
    r"|\S\s*[\[(]\s*(?:authors?['’]?s?['’]?\s+|in\s+)?(?:reply|response|comments?|commentary|letter)\s*[\])]\W*$",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"^(?:\s*(?:notice|note|statement)\b)?\s*(?:of|to|for|on|regarding|concerning)?\b[\s:.\-–—\])]*",
    re.IGNORECASE,
)
_CITATION = re.compile(r"[”\"'’]?(?:(?<!\s)\s++)?\[(?=[^\[\]]*?\d{4})[^\[\]]*+\]\W*$")
_NAMES_OF_NOTICES = (
    *("addend", "concern", "correction", "corrigend", "errat", "reinstatement", "retraction", "withdrawal"),
    "(",
)
"""What the title of a notice has one of: its name, or the place of the article that it is about."""
_ODD_CASE = frozenset("\u0130\u0131\N{LATIN SMALL LETTER LONG S}\N{KELVIN SIGN}")
"""Letters that are an i, s or k to the patterns, which ignore case, and not once they are in lower case."""
_QUOTES = " \t\"'“”‘’«»„.,:;[]()"


LOOKS_LIKE = {
    NoticeNature.RETRACTION: "This looks like the notice of a retraction",
    NoticeNature.CORRECTION: "This looks like the notice of a correction",
    NoticeNature.EXPRESSION_OF_CONCERN: "This looks like an expression of concern",
    NoticeNature.REINSTATEMENT: "This looks like the notice of a reinstatement",
}
"""The beginning of a sentence about a record that is a notice, and not a study."""


@dataclass(frozen=True)
class TitleOfNotice:
    """What a title says about a notice: its nature, and the title of the publication that it is about, if named."""

    nature: NoticeNature
    about: str


def notice_in(title: str) -> TitleOfNotice | None:
    """Return what the title of a notice says, or None for the title of another publication."""
    if not _may_be_notice(title) or is_marked_retracted(title):
        return None
    for nature, pattern in _BEGINS.items():
        if found := pattern.match(title):
            rest = _LINK.sub("", title[found.end() :], count=1)
            return TitleOfNotice(nature, _CITATION.sub("", _PLACE.sub("", rest)).strip(_QUOTES))
    if place := _PLACE.search(title):
        nature = NoticeNature.RETRACTION if place["retraction"] else NoticeNature.CORRECTION
        return TitleOfNotice(nature, title[: place.start()].strip(_QUOTES))
    for nature, pattern in _ENDS.items():
        if found := pattern.search(title):
            return TitleOfNotice(nature, title[: found.start() + 1].strip(_QUOTES))
    return None


def _may_be_notice(title: str) -> bool:
    """Return False for most other titles, at a small part of the cost of the patterns."""
    if not title.isascii() and not _ODD_CASE.isdisjoint(title):
        return True
    in_lower_case = title.lower()
    return any(name in in_lower_case for name in _NAMES_OF_NOTICES)


def is_marked_retracted(title: str) -> bool:
    """Return whether a title is that of an article which its publisher marked as retracted or withdrawn."""
    return bool(_RETRACTED_ITSELF.match(title) or _RETRACTED_AT_END.search(title))


def without_retraction_mark(title: str) -> str:
    """Return the title of an article without the mark that it was retracted."""
    return _RETRACTED_AT_END.sub("", _RETRACTED_ITSELF.sub("", title)).strip(" ]") or title


def is_reply(title: str) -> bool:
    """Return whether a title is that of a reply to, or a comment on, another publication."""
    return bool(_REPLY.match(title) or _REPLY_AT_END.search(title))
