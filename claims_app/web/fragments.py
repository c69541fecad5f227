"""Parts of pages that depend on nothing but what they are given, kept in memory.

Most of the time of a list goes into its entries, and most entries are the same from one page to the next: after a
write to one claim, all others are taken from here. What a fragment shows is its key, so it is never out of date.
"""

from collections.abc import Hashable
from functools import lru_cache
from typing import Protocol

from flask import Flask
from markupsafe import Markup

MOST = 5_000
"""How many are kept, of 1 to 3 kB each; the least recently used go first."""


class Macro(Protocol):
    """A macro of Jinja that uses nothing of its request but its arguments, and addresses that depend on them."""

    def __call__(self, *given: Hashable) -> Markup:
        """Return the fragment for what is given."""


def register(app: Flask) -> None:
    """Give the templates of `app` the function `from_memory`: it calls a macro, unless its result is known."""

    @lru_cache(maxsize=MOST)
    def kept(macro: Macro, *given: Hashable) -> Markup:
        return macro(*given)

    app.jinja_env.globals["from_memory"] = kept
