"""Suggests values for the fields of a study and of an evidence item from the sentences of an abstract.

Each suggestion is shown with the sentence that it was read from, and a person accepts or ignores it. Numbers are
used only if the text says what they count.
"""

import re
from collections.abc import Iterable
from itertools import chain

from claims_app.rules.extraction.counts import counts
from claims_app.rules.extraction.designs import designs, registry_numbers, species
from claims_app.rules.extraction.estimates import estimates, p_values
from claims_app.rules.extraction.model import FieldSuggestion, Sentence
from claims_app.rules.extraction.sentences import sentences

__all__ = ["FieldSuggestion", "Sentence", "sentences", "suggest"]

LONGEST_SENTENCE = 2_000
"""In characters; longer sentences are ignored."""
_GAP = re.compile(r"\s{20}")
"""Sentences with so many blanks in a row are ignored too: nobody writes them, and they are slow to search."""

_READERS = (estimates, p_values, counts, designs, species, registry_numbers)


def suggest(text: str, spans: Iterable[tuple[int, int]] | None = None) -> list[Sentence]:
    """Return the sentences of `text` with their suggestions; a repeated suggestion is given only once.

    `spans` are the start and end positions of the wanted sentences; by default, all sentences are returned.
    """
    found = []
    seen: set[tuple[object, ...]] = set()
    for start, end in sentences(text) if spans is None else spans:
        sentence = text[start:end]
        suggestions = []
        if len(sentence) <= LONGEST_SENTENCE and not _GAP.search(sentence):
            every = chain.from_iterable(reader(sentence) for reader in _READERS)
            for suggestion in sorted(every, key=lambda one: (one.start, one.end)):
                key = (suggestion.record_type, *sorted(suggestion.values.items()))
                if key not in seen:
                    seen.add(key)
                    suggestions.append(suggestion)
        found.append(Sentence(text=sentence, start=start, suggestions=tuple(suggestions)))
    return found
