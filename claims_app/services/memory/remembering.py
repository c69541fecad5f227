"""Answers that are remembered on the server of a session, until the data changes.

What pages count or find is the same for every reader until somebody writes. Each place that remembers has a name of its
own, and a bound. Two databases in one process share nothing.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from claims_app.database import MEMORY, moment_of
from claims_app.services.memory.data_number import data_number

T = TypeVar("T")


class Remembering:
    """What is remembered at one place, for one snapshot of the data; made anew for each request.

    `most` is how many answers are kept. They are kept as long as `state` is the same: the number of the state of the
    data, or whatever else says that the answers are the same. A session that writes remembers nothing, since nobody
    knows whether what it sees will ever be saved.
    """

    def __init__(self, session: Session, place: str, most: int, state: Hashable = None) -> None:
        self._session = session
        self._place = place
        self._most = most
        self._given = state

    def answer(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the answer for `key`: the remembered one, or what `make` returns. Nobody may change it."""
        memory: dict[str, Any] | None = self._session.info.get(MEMORY)
        if memory is None:
            return make()
        answers: _Answers = memory.setdefault(self._place, _Answers())
        return answers.get(self._state, (moment_of(self._session), key), make, self._most)

    @cached_property
    def _state(self) -> Hashable:
        return data_number(self._session) if self._given is None else self._given


class _Answers:
    """The answers of one place in one state, those used last at the end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state: Hashable = None
        self._known: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, state: Hashable, key: Hashable, make: Callable[[], T], most: int) -> T:
        with self._lock:
            if self._state != state:
                self._state = state
                self._known.clear()
            if key in self._known:
                self._known.move_to_end(key)
                known: T = self._known[key]
                return known
        # Other readers do not wait for it; two who ask at once both find the same.
        made = make()
        with self._lock:
            if self._state == state:
                self._known[key] = made
                while len(self._known) > most:
                    self._known.popitem(last=False)
        return made
