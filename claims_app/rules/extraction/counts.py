"""Numbers of participants: cases, controls, animals and serum donors."""

import re
from collections.abc import Iterator

from claims_app.rules.extraction.model import FieldSuggestion, for_evidence
from claims_app.rules.extraction.numbers import COUNT, count

_PEOPLE = r"(?:patients?|persons?|people|participants?|subjects?|individuals?|wom[ae]n|m[ae]n|adults?|females?|males?)"
_CONTROLS = (
    r"(?:controls?(?:\s+(?:subjects?|patients?|participants?|persons?|individuals?|wom[ae]n|group))?|volunteers?"
    r"|(?:healthy|pain-free|asymptomatic|unaffected)\s+(?:\w+\s+){0,2}?" + _PEOPLE + ")"
)
_ANIMALS = r"(?:mice|rats|rabbits|guinea\s+pigs|animals|monkeys|dogs|hamsters)"
_DONORS = r"(?:(?:serum|plasma|igg|blood)[\s-]+donors?|donors?)"
# Words that end a count: “45 years and 12 patients” does not mean 45 patients.
_STOP = (
    r"(?:years?|yrs?|months?|weeks?|days?|hours?|of|and|or|with|without|in|on|at|to|from|by|for|than|versus|vs|items?"
    r"|points?|studies|trials?|sites?|cent(?:re|er)s?|per|percent|mg|ml|min|minutes?|were|was|the|times?|which|that|who"
    r"|group|groups|cohorts?|samples?|age|aged|mean)"
)
_BETWEEN = rf"(?:(?:age|sex|gender)-\s+(?:and|or)\s+|(?!{_STOP}\b)[^\W\d_][\w’'/+-]*,?\s+){{0,6}}?"
_OPEN = r"(?<![\w.,%±/-])"
_TAIL = r"(?![\w-])"
_NOUNS = {  # the nouns that each field counts
    "n_controls": _CONTROLS,
    "n_animals": _ANIMALS,
    "n_donors": _DONORS,
    "n_cases": _PEOPLE,
}
_COUNTED = {
    field: re.compile(rf"{_OPEN}(?P<n>{COUNT})\s+{_BETWEEN}(?P<noun>{noun}){_TAIL}", re.IGNORECASE)
    for field, noun in _NOUNS.items()
}
_IN_BRACKETS = re.compile(r"[(\[]\s*+[nN]\s*+[=:]\s*+(?P<n>[0-9]{1,7})\s*+(?P<rest>[^)\]]{0,40})[)\]]")
_BEFORE = re.compile(r"[^.()\[\];:]{3,80}\Z")
_AND = re.compile(r"^[\s,]*(?:(?:and|or|from|of|in|the|versus|vs)\s+)*", re.IGNORECASE)
_EACH = re.compile(r"\b(?:per|each|either|every)\b", re.IGNORECASE)
_WITHOUT = re.compile(
    r"(?<!\s)\s++(?:without|who\s+did\s+not\s+have|free\s+of|not\s+having)\b", re.IGNORECASE
)
_HAVING = re.compile(
    r"(?<!\s)\s++(?:with|diagnosed|who\s+(?:met|had|fulfilled)|suffering|meeting|having|fulfilling)\b",
    re.IGNORECASE,
)
_PATIENTS = re.compile(r"\b(?:patients?|sufferers?|cases)\b", re.IGNORECASE)
_FROM = re.compile(
    r"\b(?:sera|serum|plasma|igg|immunoglobulins?(?:\s+g)?|antibodies)\b[^.;]{0,40}\b(?:from|of)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
_TRANSFERRED = re.compile(r"\b(?:inject\w*|transfer\w*|mice|rats|mouse|pooled)\b", re.IGNORECASE)
_KINDS = [(field, re.compile(rf"{noun}{_TAIL}", re.IGNORECASE)) for field, noun in _NOUNS.items()]


def counts(sentence: str) -> Iterator[FieldSuggestion]:
    """Yield the numbers of people and animals in a sentence, each for its field."""
    taken: list[tuple[int, int]] = []
    for match, noun in _in_brackets(sentence):
        field = _kind_of(noun[0], sentence)
        if field is None or _EACH.search(match["rest"]) or int(match["n"]) == 0:
            continue
        start = noun.end() - len(_AND.sub("", noun[0]))
        taken.append((match.start("n"), match.end("n")))
        yield for_evidence(start, match.end(), **{field: match["n"]})
    for field, pattern in _COUNTED.items():
        for match in pattern.finditer(sentence):
            if any(match.start() < end and start < match.end("n") for start, end in taken):
                continue
            of = _checked(field, match, sentence)
            if of is None or _EACH.match(sentence, match.end() + 1):
                continue
            taken.append((match.start("n"), match.end("n")))
            yield for_evidence(match.start(), match.end(), **{of: count(match["n"])})


def _in_brackets(sentence: str) -> Iterator[tuple[re.Match[str], re.Match[str]]]:
    """Yield each “(n = 30)” with the words before it, which are looked for backwards: few texts have brackets."""
    done = at = 0
    while match := _IN_BRACKETS.search(sentence, at):
        end = done + len(sentence[done : match.start()].rstrip())
        if noun := _BEFORE.search(sentence[:end], max(done, end - 80)):
            yield match, noun
            done = at = match.end()
        else:
            at = match.start() + 1


def _checked(field: str, match: re.Match[str], sentence: str) -> str | None:
    """Return the field for the people counted in `match`, or None if it is not clear from the text."""
    if field != "n_cases":
        return field
    if _WITHOUT.match(sentence, match.end()):
        return "n_controls"
    if _FROM.search(sentence[: match.start()]) and _TRANSFERRED.search(sentence):
        return "n_donors"
    if _PATIENTS.search(match[0]) or _HAVING.match(sentence, match.end()):
        return "n_cases"
    return None


def _kind_of(noun: str, sentence: str) -> str | None:
    """Return the field for the words before “(n = 30)”: that of the last noun in them."""
    found = [(match.end(), -len(match[0]), field) for field, kind in _KINDS for match in kind.finditer(noun)]
    if not found:
        return None
    last = max(found)
    field = last[2]
    if field == "n_cases" and re.search(r"\bwithout\b", noun[max(0, last[0] - 5) :]):
        return "n_controls"
    if field == "n_cases" and not (_PATIENTS.search(noun) or _HAVING.search(noun)):
        return None
    return field
