"""No pattern, and no function that reads a text, takes time out of proportion to the length of the text.

Processor time is compared with that of a quarter of the text: four times for what is linear, sixteen and more for what
is not. Only what is slow at all is compared, and the best of several runs counts, so that a busy machine does not
matter.
"""

import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

import pytest

from claims_app.services.transfer.importing import saved_elsewhere
from tests.support import hostile

LENGTH = 4_000
SLOW = 0.02
"""Seconds of processor time below which growth is not looked at."""
TIMES = 8
KNOWN = ("claims_app.formats.references.bibtex_entries.split", "claims_app.formats.references.latex.decode")
"""Known to be slow on one long entry of an uploaded library, which is at most `LONGEST_RECORD` characters long."""
WATCHDOG = 0.5


class _TooSlow(BaseException):
    pass


def _stop(*_: object) -> None:
    raise _TooSlow


@pytest.fixture(autouse=True)
def _watched() -> Iterator[None]:
    """Let a search that takes exponential time end."""
    before = signal.signal(signal.SIGVTALRM, _stop)
    yield
    signal.signal(signal.SIGVTALRM, before)


def _cost(read: hostile.Reader, text: str) -> float:
    # Of this thread: servers that other tests have started may still be at work in others.
    begin = time.thread_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, WATCHDOG)
    try:
        # Most of what is fed to the readers is refused.
        with suppress(Exception):
            found = read(text)
            if isinstance(found, Iterator):
                for _ in found:
                    pass
    except _TooSlow:
        return float("inf")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.thread_time() - begin


def _slow(read: hostile.Reader, pieces: Iterable[str]) -> list[str]:
    """Return the pieces whose repetition takes time out of proportion."""
    return [piece for piece in pieces if _grows(read, piece)]


def _grows(read: hostile.Reader, piece: str) -> bool:
    def text(length: int) -> str:
        return piece * (length // len(piece)) + hostile.END

    cost = _cost(read, text(LENGTH))
    if cost < SLOW:
        return False
    if cost == float("inf"):
        return _cost(read, text(LENGTH)) == cost  # the watchdog counts all threads
    quarter = min(_cost(read, text(LENGTH // 4)) for _ in range(3))
    whole = min(_cost(read, text(LENGTH)) for _ in range(2))
    return whole > max(SLOW, TIMES * quarter)


def _searches() -> Iterator[tuple[str, Callable[[str], object], tuple[str, ...]]]:
    for module in hostile.modules():
        uses = hostile.uses(module)
        for name, pattern in hostile.patterns(module).items():
            for use in sorted(uses.get(name.partition("[")[0], {"search"})):
                read = pattern.sub if use in ("sub", "subn") else getattr(pattern, use)
                called = (lambda text, read=read: read("", text)) if use in ("sub", "subn") else read
                yield f"{module.__name__}.{name}.{use}", called, hostile.pieces(pattern)


def test_no_pattern_takes_super_linear_time() -> None:
    tried = {name: _slow(read, pieces) for name, read, pieces in _searches()}
    assert len(tried) > 200
    assert {name: slow for name, slow in tried.items() if slow} == {}


def test_no_function_that_reads_a_text_takes_super_linear_time() -> None:
    tried = {}
    for module in hostile.modules("claims_app.rules", "claims_app.formats"):
        own = {piece for pattern in hostile.patterns(module).values() for piece in hostile.pieces(pattern)}
        # Some patterns list hundreds of words, and were fed them all above.
        own = own if len(own) < 100 else set()
        for name, read in hostile.readers(module).items():
            if f"{module.__name__}.{name}" in KNOWN:
                continue
            tried[f"{module.__name__}.{name}"] = _slow(read, sorted(own | set(hostile.ANYWHERE)))
    assert {"claims_app.rules.extraction.counts.counts", "claims_app.rules.overlap.orcid_of"} <= set(tried)
    assert {name: slow for name, slow in tried.items() if slow} == {}


@pytest.mark.parametrize("piece", [" ", "a b ", "é", "é ", "aé", "? é", "éè?"])
def test_long_cells_are_compared_with_what_is_recorded_in_linear_time(piece: str) -> None:
    def read(text: str) -> object:
        return saved_elsewhere.is_garbled("?" + text + "Ã©", "é" + text[::-1])

    assert _slow(read, [piece]) == []
