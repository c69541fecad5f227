"""Runs several writes at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy.exc import OperationalError

from claims_app.services.core.errors import ServiceError

Work = Callable[[], object]


def at_once(*works: Work) -> list[object]:
    """Run all functions at the same time, and return the result or the error of each."""
    barrier = Barrier(len(works))

    def done(work: Work) -> object:
        barrier.wait()
        try:
            return work()
        except (ServiceError, OperationalError) as refused:
            return refused

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(done, works))
