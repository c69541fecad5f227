"""Requests of programs that save something once: a request that is sent again with its key has the same answer.

The answer is kept in the transaction that saves what was asked for, so that neither is there without the other.
"""

import datetime
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import delete, func, select

from claims_app.database import WriteSession
from claims_app.models import ApiRequest
from claims_app.models.types import utc_now
from claims_app.services.core.errors import ServiceError

KEPT_FOR = datetime.timedelta(hours=24)

_LOCK = threading.Lock()
_RUNNING: set[str] = set()
"""The keys of requests that this process works on."""


class AlreadyDone(Exception):
    """The same request was answered before; `answer` is what it was answered."""

    def __init__(self, answer: ApiRequest) -> None:
        self.answer = answer


class OtherContent(ServiceError):
    """The key was used for another request."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request. Use a new key for each request.")


class InProgress(ServiceError):
    """The same request is being worked on."""

    def __init__(self) -> None:
        super().__init__("A request with this Idempotency-Key is in progress. Send it again in a moment.")


@dataclass(frozen=True)
class KeyedRequest:
    """A request with the key that its sender chose: by which token, and what it asks for."""

    token_id: int
    given_key: str
    method: str
    address: str
    content: bytes

    @cached_property
    def key(self) -> str:
        """The key under which its answer is kept."""
        return hashlib.sha256(f"{self.token_id}\n{self.given_key}".encode()).hexdigest()

    @cached_property
    def content_hash(self) -> str:
        """What it asks for, in short."""
        return hashlib.sha256(f"{self.method} {self.address}\n".encode() + self.content).hexdigest()


@contextmanager
def running(request: KeyedRequest) -> Iterator[None]:
    """Work on a request in the block. Raises InProgress if this process works on it already."""
    with _LOCK:
        if request.key in _RUNNING:
            raise InProgress
        _RUNNING.add(request.key)
    try:
        yield
    finally:
        with _LOCK:
            _RUNNING.discard(request.key)


def begin(session: WriteSession, request: KeyedRequest) -> None:
    """Reserve the key of a request in this transaction.

    Raises AlreadyDone, OtherContent, and InProgress if another process works on it. On SQLite, that one is waited for.
    """
    if session.get_bind().dialect.name == "postgresql":
        lock = func.pg_try_advisory_xact_lock(func.hashtextextended(f"api request {request.key}", 0))
        if not session.scalar(select(lock)):
            raise InProgress
    old = select(ApiRequest.key).where(ApiRequest.made_at < utc_now() - KEPT_FOR)
    # What another transaction is deleting is left to it: requests do not wait for each other.
    session.execute(delete(ApiRequest).where(ApiRequest.key.in_(old.with_for_update(skip_locked=True))))
    answer = session.get(ApiRequest, request.key)
    if answer is None:
        return
    if answer.content_hash != request.content_hash:
        raise OtherContent
    session.expunge(answer)
    raise AlreadyDone(answer)


def keep(
    session: WriteSession,
    request: KeyedRequest,
    *,
    status: int,
    body: str,
    location: str | None,
    tag: str | None,
) -> None:
    """Keep the answer of a request in the transaction that it saves in."""
    session.add(
        ApiRequest(
            key=request.key,
            token_id=request.token_id,
            content_hash=request.content_hash,
            status=status,
            location=location,
            tag=tag,
            body=body,
        )
    )
    session.flush()
