"""Requests for every rule of the URL map with every method, by everybody, and what is wrong with the answers.

The addresses come from the URL map, and what is sent from the program itself: forms from its pages, parameters from
what its views have asked for, JSON from the examples of the OpenAPI document. So a new page is tried without being
listed anywhere. With one seed, everything is sent in the same order.
"""

import dataclasses
import json
import logging
import random
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any
from urllib.parse import quote_from_bytes

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from claims_app.web.api.routes import document
from tests.fuzz import oracle, values
from tests.fuzz.files import Files
from tests.fuzz.pages import Form, Page, each_local, local
from tests.fuzz.site import API, JSON, Person, Site
from tests.fuzz.wire import Answer, Field, Request
from tests.support.addresses import address

WRITES = ("POST", "PUT", "PATCH", "DELETE")
LONGEST = 30
"""Seconds of processor time after which a request hangs."""

_GENERAL = (
    "after",
    "before",
    "as_of",
    "page",
    "per_page",
    "sort",
    "q",
    "next",
    "fields",
    "columns",
    "unknown",
)
_ENDS_SESSIONS = re.compile(
    r"/logout|/account/(sessions|password|name)|/users/[^/]+/(disable|sign-out|role|reset)"
)
"""Addresses after which people may have to sign in again."""


class Hang(Exception):
    """A request took more than `LONGEST` seconds of processor time."""


@dataclass(frozen=True)
class Find:
    """A fault, and the smallest request with it."""

    fault: str
    person: str
    request: Request

    @property
    def kind(self) -> str:
        """What makes it another fault than others: its first line and where it was raised."""
        lines = self.fault.splitlines()
        raised = [line for line in lines if line.lstrip().startswith('File "')]
        return f"{lines[0][:60]} {raised[-1] if raised else ''} {lines[-1][:60]}"

    def __str__(self) -> str:
        """Return the find with its reproduction."""
        known = tuple(
            header for header in self.request.headers if header[0] not in ("Cookie", "Authorization")
        )
        shown = dataclasses.replace(self.request, headers=known)
        return f"As {self.person}, the answer {self.fault}\n{shown.command()[:3000]}\n"


class Fuzzer:
    """Sends requests to a site, and keeps what it finds."""

    def __init__(self, site: Site, seed: int, files: Files) -> None:
        self.site = site
        self.files = files
        self.chance = random.Random(seed)
        self.finds: dict[str, Find] = {}
        self.sent = 0
        self.statuses: dict[int, int] = {}
        self.links: dict[str, set[str]] = {}
        """Addresses, with their queries, that pages lead to, by rule."""
        self.forms: dict[str, set[tuple[str, int]]] = {}
        """The page and the position of the forms that are sent to each rule."""
        self._errors = oracle.Errors()
        self._bodies = _bodies()
        self._match = site.app.url_map.bind("localhost").match

    def targets(self) -> list[tuple[Rule, str]]:
        """Return each rule of the URL map with each of its methods."""
        return [
            (rule, method)
            for rule in self.site.app.url_map.iter_rules()
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        ]

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch, during the block, what the program logs and how long it takes."""

        def hang(_signal: int, _frame: FrameType | None) -> None:
            raise Hang

        logger = self.site.app.logger
        before, level = signal.signal(signal.SIGVTALRM, hang), logger.level
        quiet, logger.propagate = logger.propagate, False
        handlers, logger.handlers = logger.handlers, [self._errors]
        logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)
            logger.handlers, logger.propagate = handlers, quiet
            logger.setLevel(level)

    def crawl(self) -> dict[str, int]:
        """Open the address of each rule as admin, and keep links and forms; return the statuses by endpoint.

        An address that leads an account elsewhere is opened without one, and where there is no such record, the
        first link to one of its kind.
        """
        statuses = {}
        for rule, method in self.targets():
            if method != "GET":
                continue
            answer = self.attempt(self.site.admin, Request("GET", address(rule)))
            if answer.status == 303:
                answer = self.attempt(self.site.people[0], Request("GET", address(rule)))
            statuses[rule.endpoint] = answer.status
        for rule, _ in self.targets():
            known = sorted(self.links.get(rule.rule, ()))
            if known and statuses.get(rule.endpoint, 200) != 200:
                answer = self.attempt(self.site.admin, Request("GET", *_split(known[0])))
                statuses[rule.endpoint] = answer.status
        return statuses

    def go(self, rule: Rule, method: str) -> None:
        """Send one request to a rule, as somebody and with something wrong in it."""
        person = self.chance.choice(self.site.people)
        if self.chance.random() < 0.5:
            person = self.site.admin
        make = self._get if method not in WRITES else self._write
        self.attempt(person, make(person, rule, method))

    def attempt(self, person: Person, request: Request) -> Answer:
        """Send a request and judge its answer; keep a find, with the smallest request that has the same fault."""
        answer, found = self._judge(person, request)
        self.sent += 1
        self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
        for fault in found:
            find = Find(fault, person.name, request)
            if find.kind not in self.finds:
                self.finds[find.kind] = find
                self.finds[find.kind] = self._smallest(person, find)
        if answer.header("Content-Type").startswith("text/html") and not answer.error:
            self._learn(request, answer)
        if _ENDS_SESSIONS.match(request.path) and request.method in WRITES:
            for each in self.site.people:
                self.site.sign_in(each)
        return answer

    def _judge(self, person: Person, request: Request) -> tuple[Answer, list[str]]:
        self._errors.found.clear()
        own = person.headers(request.path.startswith(API + "/"))
        given = {name.lower() for name, _ in request.headers}
        whole = dataclasses.replace(
            request, headers=(*(one for one in own if one[0].lower() not in given), *request.headers)
        )
        signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
        try:
            answer = self.site.send(whole)
        except Hang:
            answer = Answer(error=Hang(f"more than {LONGEST} s"))
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if "cookie" not in given:
            person.keep_cookies(answer)
        return answer, oracle.faults(whole, answer, self._errors.found)

    def _smallest(self, person: Person, find: Find) -> Find:
        """Return the find with a request from which nothing can be left out."""

        def still(request: Request) -> Find | None:
            _, found = self._judge(person, request)
            return next(
                (
                    one
                    for one in (Find(fault, person.name, request) for fault in found)
                    if one.kind == find.kind
                ),
                None,
            )

        for smaller in _smaller(find.request):
            if (found := still(smaller)) is not None:
                return self._smallest(person, found)
        return find

    # What is sent

    def _get(self, person: Person, rule: Rule, method: str) -> Request:
        request = Request(method, self._path(rule))
        request = dataclasses.replace(request, query=self._query(rule))
        if self.chance.random() < 0.08:
            request = dataclasses.replace(
                request, method=self.chance.choice(("HEAD", "OPTIONS", *WRITES, "BREW"))
            )
        if self.chance.random() < 0.3:
            request = self._with_headers(request)
        return request

    def _path(self, rule: Rule) -> str:
        known = sorted(self.links.get(rule.rule, ()))
        path = (
            self.chance.choice(known).partition("?")[0]
            if known and self.chance.random() < 0.6
            else address(rule)
        )
        if "<" in rule.rule and self.chance.random() < 0.25:
            parts = path.split("/")
            at = self.chance.randrange(1, len(parts))
            parts[at] = values.segment(self.chance, parts[at])
            path = "/".join(parts)
        return path

    def _query(self, rule: Rule) -> tuple[str, ...]:
        chance = self.chance
        pieces: list[str] = []
        known = sorted(self.links.get(rule.rule, ()))
        if known and chance.random() < 0.6:
            pieces += [piece for piece in chance.choice(known).partition("?")[2].split("&") if piece]
        # With a moment that is none, nothing else is looked at.
        names = sorted(self.site.known.get(rule.endpoint, set()) - {"as_of"}) or list(_GENERAL)
        for _ in range(chance.choice((0, 1, 1, 2, 3))):
            name = chance.choice(names if chance.random() < 0.85 else _GENERAL)
            pieces.append(f"{name}={quote_from_bytes(values.text(chance))}")
        if pieces and chance.random() < 0.5:
            at = chance.randrange(len(pieces))
            name, _, value = pieces[at].partition("=")
            given = quote_from_bytes(values.changed(chance, value.encode()), safe="%")
            pieces[at : at + chance.choice((0, 1))] = [f"{name}={given}"]
        if chance.random() < 0.05:
            pieces.append(chance.choice(("&", "=", "%", "%zz=%", "a" * 9_000, "[]=1", "a[b]=c", "%00=1")))
        return tuple(pieces)

    def _write(self, person: Person, rule: Rule, method: str) -> Request:
        is_api = rule.rule.startswith(API)
        request = self._json(rule, method) if is_api else self._form(person, rule, method)
        if self.chance.random() < 0.15:
            request = self._with_headers(request)
        if self.chance.random() < 0.05:
            request = dataclasses.replace(request, missing=self.chance.choice((1, 10, -1, -10)))
        return request

    def _with_headers(self, request: Request) -> Request:
        names = self.chance.sample(sorted(values.HEADERS), self.chance.choice((1, 1, 2)))
        given = tuple((name, self.chance.choice(values.HEADERS[name])) for name in names)
        return dataclasses.replace(request, headers=(*request.headers, *given))

    def _json(self, rule: Rule, method: str) -> Request:
        chance = self.chance
        path = self._path(rule)
        example = self._bodies.get((re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method))
        if example is None:
            return Request(method, path, query=self._query(rule) if chance.random() < 0.3 else ())
        body: Any = json.loads(json.dumps(example))
        if isinstance(body, dict) and "version" in body and chance.random() < 0.7:
            shown = self._judge(self.site.admin, Request("GET", re.sub(r"((?:/[^/]+){4})/.*", r"\1", path)))[
                0
            ]
            if shown.status == 200 and b'"version"' in shown.body:
                body["version"] = json.loads(shown.body).get("version", 1)
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
            body = (
                values.inside(chance, body)
                if isinstance(body, dict | list)
                else values.any_json(chance, body)
            )
        content = values.json_bytes(chance, body)
        return Request(method, path, headers=(JSON,), content=content)

    def _form(self, person: Person, rule: Rule, method: str) -> Request:
        chance = self.chance
        found = self._find_form(person, rule)
        if found is None:
            path, fields = self._path(rule), ()
        else:
            path, form = found
            fields = form.filled(chance)
            if form.in_parts:
                fields = tuple(
                    dataclasses.replace(each, value=self.files.any(chance)) if each.file is not None else each
                    for each in fields
                )
        fields = self._with_csrf(person, fields)
        path, _, query = path.partition("?")
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
            fields = self._changed(rule, fields)
        return Request(method, path, tuple(filter(None, query.split("&"))), fields=fields)

    def _find_form(self, person: Person, rule: Rule) -> tuple[str, Form] | None:
        """Open a page that has a form for this rule, and return its address and the form."""
        for where, position in self.chance.sample(
            forms := sorted(self.forms.get(rule.rule, ())), min(2, len(forms))
        ):
            answer = self._judge(person, Request("GET", *_split(where)))[0]
            page = Page(answer.body) if answer.status < 500 and not answer.error else None
            if page is not None:
                self._keep_csrf(person, page)
                if position < len(page.forms) and page.forms[position].method == "POST":
                    form = page.forms[position]
                    to = local(form.action, where)
                    if to and self._rule_of(to, "POST") == rule.rule:
                        return to, form
        return None

    def _with_csrf(self, person: Person, fields: tuple[Field, ...]) -> tuple[Field, ...]:
        if any(each.name == b"csrf_token" for each in fields):
            return fields
        if not person.csrf:
            answer = self._judge(person, Request("GET", "/login" if person.role is None else "/"))[0]
            self._keep_csrf(person, Page(answer.body))
        return (*fields, Field(b"csrf_token", person.csrf))

    def _keep_csrf(self, person: Person, page: Page) -> None:
        for form in page.forms:
            for each in form.inputs:
                if each.name == "csrf_token":
                    person.csrf = each.value.encode()

    def _changed(self, rule: Rule, fields: tuple[Field, ...]) -> tuple[Field, ...]:
        chance = self.chance
        names = sorted({*self.site.known.get(rule.endpoint, ())} - {"csrf_token"})
        free = [at for at, each in enumerate(fields) if each.name != b"csrf_token" or chance.random() < 0.02]
        if not free or (names and chance.random() < 0.3):
            name = chance.choice(names) if names else "unknown"
            return (*fields, Field(name.encode("utf-8", "surrogatepass"), values.text(chance)))
        at = chance.choice(free)
        old = fields[at]
        new = dataclasses.replace(old, value=values.near(chance, old.value))
        ways: list[Callable[[], tuple[Field, ...]]] = [
            lambda: (new,),
            lambda: (new,),
            lambda: (new,),
            lambda: (),
            lambda: (old, new),
            lambda: (
                dataclasses.replace(old, file=chance.choice((b"a.txt", b"", b"a\x00", b"\xff", b"../a"))),
            ),
            lambda: (dataclasses.replace(new, file=None),),
            lambda: (dataclasses.replace(old, name=values.near(chance, old.name)),),
        ]
        return (*fields[:at], *chance.choice(ways)(), *fields[at + 1 :])

    # What pages offer

    def _learn(self, request: Request, answer: Answer) -> None:
        """Keep the links and forms of a page."""
        page = Page(answer.body)
        for link in each_local(page, request.path):
            rule = self._rule_of(link, "GET")
            if rule is not None and len(self.links.setdefault(rule, set())) < 200:
                self.links[rule].add(link)
        for position, form in enumerate(page.forms):
            to = local(form.action, request.address)
            if to is None:
                continue
            if form.method == "POST":
                rule = self._rule_of(to, "POST")
                if rule is not None and len(self.forms.setdefault(rule, set())) < 50:
                    self.forms[rule].add((request.address, position))
            elif (rule := self._rule_of(to, "GET")) is not None:
                fields = form.filled(self.chance)
                query = "&".join(
                    f"{quote_from_bytes(one.name)}={quote_from_bytes(one.value)}" for one in fields
                )
                self.links.setdefault(rule, set()).add(f"{to.partition('?')[0]}?{query}")

    def _rule_of(self, path: str, method: str) -> str | None:
        try:
            rule, _ = self._match(path.partition("?")[0], method, return_rule=True)
        except (HTTPException, ValueError):
            return None
        return rule.rule


def _bodies() -> dict[tuple[str, str], Any]:
    """Return the example of each operation that takes JSON, by its path and method."""
    found = {}
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                found[API + path, method.upper()] = content.get("example", {})
    return found


def _split(where: str) -> tuple[str, tuple[str, ...]]:
    path, _, query = where.partition("?")
    return path, tuple(filter(None, query.split("&")))


def _smaller(request: Request) -> Iterator[Request]:
    """Yield requests with a little less in them."""
    for name in ("query", "headers", "fields"):
        all_of_it: tuple[Any, ...] = getattr(request, name)
        for at in range(len(all_of_it)):
            yield dataclasses.replace(request, **{name: all_of_it[:at] + all_of_it[at + 1 :]})
    for at, each in enumerate(request.fields):
        if len(each.value) > 1:
            half = dataclasses.replace(each, value=each.value[: len(each.value) // 2])
            yield dataclasses.replace(request, fields=(*request.fields[:at], half, *request.fields[at + 1 :]))
    if request.missing:
        yield dataclasses.replace(request, missing=0)
    try:
        body = json.loads(request.content or b"")
    except ValueError:
        return
    if isinstance(body, dict):
        for key in body:
            rest = {name: value for name, value in body.items() if name != key}
            yield dataclasses.replace(request, content=json.dumps(rest).encode())
