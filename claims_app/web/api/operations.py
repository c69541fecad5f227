"""The operations of the API. Each is declared once, where its view is; requests are checked by this declaration, and
the OpenAPI document is made of it.

A module of operations makes its own `Operations`; `web.api.routes` registers all of them.
"""

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from claims_app.services.core.query import Filters
from claims_app.vocabulary import RecordType, TokenScope
from claims_app.web import access
from claims_app.web.api.bodies import Body
from claims_app.web.api.shapes import Shape

View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True)
class Parameter:
    """A parameter of the query, besides filters."""

    name: str
    description: str
    schema: Mapping[str, Any]
    required: bool = False


AS_OF = Parameter(
    "as_of",
    "Answers from the data as it was then: a date, at the end of that day (UTC), or a time.",
    {"type": "string", "examples": ["2026-11-24", "2026-11-24T12:00:00Z"]},
)
FIELDS = Parameter(
    "fields",
    "Only these fields of each record, separated by commas. The identifier is always there.",
    {"type": "string", "examples": ["statement,evidence_level,conclusion"]},
)


@dataclass(frozen=True)
class Answer:
    """An answer of an operation that is no error."""

    description: str
    shape: Shape | None = None
    or_else: Shape | None = None
    listed: bool = False
    """Whether it is a page of a list."""
    whole: bool = False
    """Whether that page is always the whole list, so that there are no others."""
    location: bool = False
    """Whether the header Location has the address of the new record."""
    tag: bool = False
    """Whether the header ETag has the version of the record."""
    media: str = "application/json"


@dataclass(frozen=True)
class Operation:
    """A request that the API takes, and what it answers."""

    name: str
    method: str
    path: str
    summary: str
    view: View
    section: str
    answers: Mapping[int, Answer]
    description: str = ""
    takes: Body | None = None
    of: RecordType | None = None
    """The kind of the record whose identifier is in the path."""
    numbered: str = ""
    """What the `{number}` in the path is the number of."""
    parameters: tuple[Parameter, ...] = ()
    filters: type[Filters] | None = None
    orders: tuple[str, ...] = ()
    scope: TokenScope | None = None
    """The scope that a token needs; None if no account is needed."""
    makes: bool = False
    """Whether it makes something anew each time, so that an Idempotency-Key helps."""
    matches: bool = False
    """Whether If-Match may say which version is meant."""
    statuses: tuple[int, ...] = ()
    """Statuses of errors that it has besides those that follow from the above."""
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rule(self) -> str:
        """The path as Flask writes it."""
        return re.sub("{(version|number)}", r"<int:\1>", self.path).replace("{", "<").replace("}", ">")


class Operations:
    """The operations of one section, in their order."""

    def __init__(self, section: str) -> None:
        self.section = section
        self._all: list[Operation] = []

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._all)

    def add(self, name: str, method: str, path: str, summary: str, **declared: Any) -> Callable[[View], View]:
        """Declare the view below as an operation; `declared` are other attributes of `Operation`."""

        def declare(view: View) -> View:
            section = declared.pop("section", self.section)
            self._all.append(Operation(name, method, path, summary, view, section, **declared))
            return view

        return declare

    def register(self, bp: Blueprint) -> None:
        """Add a rule for each operation to a blueprint."""
        for operation in self:
            bp.add_url_rule(operation.rule, operation.name, _answering(operation), methods=[operation.method])


def _answering(operation: Operation) -> View:
    """Return the view of an operation, which first checks the token and then the content of the request."""

    @functools.wraps(operation.view)
    def answer(**path: Any) -> ResponseReturnValue:
        if operation.scope is not None:
            user_id()  # a cookie does not write here
        sent = {} if operation.takes is None else {"sent": operation.takes.read()}
        return operation.view(**operation.arguments, **path, **sent)

    return answer


def user_id() -> int:
    """Return the account of the token. Raises Unauthorized without one."""
    user = access.signed_in_user()
    if user is None or user.scope is None:
        raise Unauthorized(
            "This needs an API token: send Authorization: Bearer and the token.",
            www_authenticate=WWWAuthenticate("bearer", {"realm": "claims"}),
        )
    return user.id
