"""Who is mentioned in a text: @ and the name of an account, at the beginning of a word."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

MOST = 20
"""How many people one text can mention; what comes after these mentions nobody."""

# What stands inside an address for mail or on the web (someone@example.org, https://site/@name) is no mention.
_MENTION = re.compile(r"(?:(?<=\s)|(?<=\()|^)@([a-z0-9][a-z0-9._@-]{0,63})", re.IGNORECASE)
_END = ".-_@"


@dataclass(frozen=True)
class MentionPart:
    """A part of a text; with `name`, the mention of that account."""

    text: str
    name: str | None = None


def names_in(text: str) -> list[str]:
    """Return what may be names of accounts that `text` mentions, in order; a full stop may belong to one or not."""
    found: dict[str, None] = {}
    for match in list(_MENTION.finditer(text))[:MOST]:
        found |= dict.fromkeys(_readings(match[1]))
    return list(found)


def parts_of(text: str, names: Collection[str]) -> Iterator[MentionPart]:
    """Yield `text` part by part, with the mentions of the accounts in `names` apart."""
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
    """Return what the name can be, the longest first: what ends a sentence may end a name as well."""
    name = typed.lower()
    readings = [name]
    while name and name[-1] in _END:
        name = name[:-1]
        readings.append(name)
    return readings
