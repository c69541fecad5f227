"""Terms of watches: the service that a saved search uses, and whether it runs."""

from claims_app.vocabulary.term import Term


class WatchService(Term):
    """A service that a watch searches."""

    PUBMED = ("pubmed", "PubMed", "PubMed, with the same search syntax as its website.")
    EUROPE_PMC = ("europe_pmc", "Europe PMC", "Europe PMC, which covers preprints as well.")


class WatchState(Term):
    """Whether a watch is run."""

    ACTIVE = ("active", "Active", "It runs whenever the watches are run.")
    PAUSED = ("paused", "Paused", "It is kept, but does not run.")
