"""What the sentences of an abstract suggest for the fields of a study and of an evidence item.

These are suggestions: each is offered beside the sentence that it was read from, and a person takes it or leaves
it. Nothing is guessed from numbers that do not say what they count.
"""

from collections.abc import Iterable
from itertools import chain

from claims_app.rules.extraction.counts import counts
from claims_app.rules.extraction.designs import designs, registry_numbers, species
from claims_app.rules.extraction.estimates import estimates, p_values
from claims_app.rules.extraction.model import FieldSuggestion, Sentence
from claims_app.rules.extraction.sentences import sentences

__all__ = ["FieldSuggestion", "Sentence", "sentences", "suggest"]

LONGEST_SENTENCE = 2_000
"""In characters: what is longer is no sentence, and nothing is read from it."""

_READERS = (estimates, p_values, counts, designs, species, registry_numbers)


def suggest(text: str, spans: Iterable[tuple[int, int]] | None = None) -> list[Sentence]:
    """Return the sentences of `text`, each with what it suggests; what two of them suggest stands at the first.

    `spans` are where the sentences begin and end that are wanted, if not all of them are.
    """
    found = []
    said: set[tuple[object, ...]] = set()
    for start, end in sentences(text) if spans is None else spans:
        sentence = text[start:end]
        suggestions = []
        if len(sentence) <= LONGEST_SENTENCE:
            every = chain.from_iterable(reader(sentence) for reader in _READERS)
            for suggestion in sorted(every, key=lambda one: (one.start, one.end)):
                key = (suggestion.record_type, *sorted(suggestion.values.items()))
                if key not in said:
                    said.add(key)
                    suggestions.append(suggestion)
        found.append(Sentence(text=sentence, start=start, suggestions=tuple(suggestions)))
    return found
