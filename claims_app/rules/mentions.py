"""Finds mentions of users in a text: @ and a user name at the start of a word."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

MOST = 20
"""Maximum number of mentions in one text; further ones are ignored."""

# An @ inside an e-mail address or a URL (someone@example.org, https://site/@name) is not a mention.
_MENTION = re.compile(r"(?:(?<=\s)|(?<=\()|^)@([a-z0-9][a-z0-9._@-]{0,63})", re.IGNORECASE)
_END = ".-_@"


@dataclass(frozen=True)
class MentionPart:
    """A part of a text; with `name`, a mention of that user."""

    text: str
    name: str | None = None


def names_in(text: str) -> list[str]:
    """Return the user names that `text` may mention, in order, with and without trailing punctuation."""
    found: dict[str, None] = {}
    for match in list(_MENTION.finditer(text))[:MOST]:
        found |= dict.fromkeys(_readings(match[1]))
    return list(found)


def parts_of(text: str, names: Collection[str]) -> Iterator[MentionPart]:
    """Yield the parts of `text`, with each mention of a user in `names` as a part of its own."""
    at = 0
    for match in _MENTION.finditer(text):
        name = next((reading for reading in _readings(match[1]) if reading in names), None)
        if name is None:
            continue
        end = match.start(1) + len(name)
        if at < match.start():
            yield MentionPart(text[at : match.start()])
        yield MentionPart(text[match.start() : end], name)
        at = end
    if at < len(text):
        yield MentionPart(text[at:])


def _readings(typed: str) -> list[str]:
    """Return the possible names, longest first: trailing punctuation may belong to the name or the sentence."""
    name = typed.lower()
    readings = [name]
    while name and name[-1] in _END:
        name = name[:-1]
        readings.append(name)
    return readings
