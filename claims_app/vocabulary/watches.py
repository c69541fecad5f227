"""Terms of watches: which service a saved search asks, and whether it does."""

from claims_app.vocabulary.term import Term


class WatchService(Term):
    """A service that a watch asks."""

    PUBMED = ("pubmed", "PubMed", "The search of PubMed, as one types it there.")
    EUROPE_PMC = ("europe_pmc", "Europe PMC", "The search of Europe PMC, which knows preprints as well.")


class WatchState(Term):
    """Whether a watch is run."""

    ACTIVE = ("active", "Active", "It runs whenever the watches are run.")
    PAUSED = ("paused", "Paused", "It is kept, and does not run.")
