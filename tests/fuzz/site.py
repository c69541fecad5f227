"""The program with a database in which every page has something to show, and people of every role."""

import json
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import ImmutableMultiDict

from claims_app.database import Database
from claims_app.models import Claim, User
from claims_app.rules.throttling import LIMITS
from claims_app.services.accounts import tokens, users
from claims_app.services.hooks import queueing
from claims_app.services.records import topics
from claims_app.services.system import integrity
from claims_app.vocabulary import Role, TokenScope
from claims_app.web.api.routes import document
from claims_app.web.auth.sign_in import open_account
from claims_app.web.session import writing
from tests.conftest import BY_TEST, application
from tests.factories import make_evidence, make_study, make_webhook
from tests.fuzz.wire import Answer, Request, send
from tests.support.bibliography import CSL, recorded, serving
from tests.support.browsing import add_account
from tests.support.releases import make_release
from tests.support.uploads import in_each_state

API = "/api/v1"
JSON = ("Content-Type", "application/json")

_FILLED = (
    "POST /studies/{identifier}/texts",
    "POST /claims/{identifier}/limitations",
    "POST /evidence/{identifier}/limitations",
    "POST /claims/{identifier}/comments",
    "POST /claims/{identifier}/flags",
    "POST /evidence/{identifier}/flags",
    "POST /conflicts",
    "POST /views",
    "POST /watches",
    "POST /inbox",
    "POST /overlaps/group",
    "POST /duplicates/distinct",
    "PUT /claims/{identifier}/appraisal-draft",
)
"""The operations whose examples fill the database."""


@dataclass
class Person:
    """Somebody with a session, if they have an account, and with a token for the API."""

    name: str
    role: Role | None
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    csrf: bytes = b""

    def headers(self, for_api: bool) -> tuple[tuple[str, str], ...]:
        """Return the headers by which the program knows them."""
        if for_api:
            return (("Authorization", f"Bearer {self.token}"),) if self.token else ()
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return (("Cookie", cookies),) if cookies else ()

    def keep_cookies(self, answer: Answer) -> None:
        """Keep and forget cookies, as a browser does."""
        for name, value in answer.headers:
            if name == "Set-Cookie":
                try:
                    given = SimpleCookie(value)
                except CookieError:
                    continue
                for each, morsel in given.items():
                    self.cookies[each] = morsel.value
                    if not morsel.value:
                        del self.cookies[each]


class Site:
    """The program on a database with something of everything; it notes which parameters its views ask for."""

    def __init__(self, app: Flask, folder: Path, seed: int) -> None:
        self.app = app
        self.chance = random.Random(seed)
        self.known: dict[str, set[str]] = {}
        """The names of parameters and fields that the view of each endpoint has asked for."""
        names = {role: role.value for role in Role} | {Role.ADMIN: "ada"}
        self.people = [Person("anonymous", None), *(Person(name, role) for role, name in names.items())]
        self._fill(folder)

    @property
    def database(self) -> Database:
        """The database of the program."""
        database: Database = self.app.extensions["claims_database"]
        return database

    @property
    def admin(self) -> Person:
        """The person who may do everything."""
        return next(person for person in self.people if person.role is Role.ADMIN)

    def send(self, request: Request) -> Answer:
        """Send a request from some address."""
        return send(self.app, request, f"10.{'.'.join(str(self.chance.randrange(256)) for _ in range(3))}")

    def sign_in(self, person: Person) -> None:
        """Give a person an account, a session and a token, whatever has happened to these."""
        if person.role is None:
            return
        add_account(self.database, person.name, person.role)
        with self.database.writing(BY_TEST) as session:
            user = session.scalars(select(User).where(User.username == person.name)).one()
            user.role, user.is_active = person.role, True
            session.flush()
            person.token = tokens.make_token(session, user, TokenScope.WRITE, "tests", None)[1]
        with self.app.test_request_context("/login", environ_base={"REMOTE_ADDR": "10.0.0.1"}) as context:
            with writing() as transaction:
                open_account(transaction, users.find_user(transaction, person.name))
            response = self.app.response_class()
            self.app.session_interface.save_session(self.app, context.session, response)
        person.cookies.clear()
        person.keep_cookies(Answer(headers=list(response.headers)))

    def problems(self) -> list[str]:
        """Return what is wrong with the data, by the checks of `claims check`."""
        with self.database.reading() as session:
            return list(integrity.problems(session))

    def _fill(self, folder: Path) -> None:
        for person in self.people:
            self.sign_in(person)
        paths = document()["paths"]
        for each in _FILLED:
            method, path = each.split()
            body = paths[path][method.lower()]["requestBody"]["content"]["application/json"]["example"]
            prefix = {"studies": "STU", "evidence": "EVD"}.get(path.split("/")[1], "CLM")
            answer = self.call(method, path.replace("{identifier}", f"{prefix}-1"), body)
            if answer.status >= 300:
                raise AssertionError(f"{each} was answered with {answer.status}: {answer.body!r}")
        for version in ("2026.10", "2026.11"):
            make_release(self.database, folder, version)
        in_each_state(self.database, self.admin.name)
        with self.database.writing(BY_TEST) as session:
            for _ in range(2):
                study = make_study(session, design="case_control")
                effect = {
                    "effect_measure": "OR",
                    "effect_value": 1.5,
                    "ci_low": 1.1,
                    "ci_high": 2.1,
                    "ci_level": 95,
                }
                make_evidence(session, session.get_one(Claim, 1), study, **effect)
            topics.create_topic(session, {"slug": "pain", "name": "Pain"})
            queueing.queue_ping(session, make_webhook(session).id, "https://claims.example.org")

    def call(self, method: str, path: str, content: Any = None) -> Answer:
        """Send a request to the API as admin."""
        body = None if content is None else json.dumps(content).encode()
        headers = (*self.admin.headers(True), *((JSON,) if body else ()))
        return self.send(Request(method, API + path, headers=headers, content=body))


@contextmanager
def open_site(url: str, folder: Path, seed: int, **settings: Any) -> Iterator[Site]:
    """Yield a site on the database at `url`, which has the seed; nothing leaves this machine."""
    limits = dict(LIMITS)
    LIMITS.update(dict.fromkeys(LIMITS, ()))
    settings = {"reports": True, "api_limit": 0, "api_reader_limit": 0, **settings}
    with ExitStack() as stack:
        stack.callback(LIMITS.update, limits)
        app = stack.enter_context(application(url, folder, **settings))
        services = stack.enter_context(serving())
        services.say("/doi/", recorded("doi.json", CSL))
        services.say("/pubmed/efetch.fcgi", recorded("pubmed.xml", "text/xml"))
        services.say("/europe_pmc/search", recorded("europe_pmc.json"))
        lookup, before = services.lookup(), app.extensions["claims_lookup"]
        app.extensions["claims_lookup"] = lambda: lookup
        stack.callback(app.extensions.update, claims_lookup=before)
        stack.callback(setattr, app, "request_class", app.request_class)
        yield _learning(Site(app, folder, seed))


def _learning(site: Site) -> Site:
    """Let a site note which parameters and fields its views ask for, so that none has to be listed."""
    from flask import has_request_context, request

    class Noting(ImmutableMultiDict[str, Any]):
        def _note(self, name: object) -> None:
            if isinstance(name, str) and has_request_context() and request.endpoint:
                site.known.setdefault(request.endpoint, set()).add(name)

        def get(self, key: Any, *rest: Any, **more: Any) -> Any:
            self._note(key)
            return super().get(key, *rest, **more)

        def getlist(self, key: Any, *rest: Any, **more: Any) -> Any:
            self._note(key)
            return super().getlist(key, *rest, **more)

        def __contains__(self, key: object) -> bool:
            self._note(key)
            return super().__contains__(key)

        def __getitem__(self, key: Any) -> Any:
            self._note(key)
            return super().__getitem__(key)

    site.app.request_class = type(
        "NotingRequest", (site.app.request_class,), {"parameter_storage_class": Noting}
    )
    return site
