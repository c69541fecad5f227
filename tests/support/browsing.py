"""A simple browser for tests, which uses forms with their real CSRF tokens and links by their text."""

from collections.abc import Iterator, Mapping
from email.message import Message
from http.cookiejar import Cookie
from typing import Any
from urllib.request import Request

from flask import Flask
from sqlalchemy import select
from webtest import Form, TestApp, TestRequest, TestResponse
from werkzeug.datastructures import Headers
from werkzeug.security import generate_password_hash

from claims_app.database import Change, Database
from claims_app.models import User
from claims_app.vocabulary import Role, Via
from claims_app.web.auth.sign_in import open_account
from claims_app.web.session import writing

PASSWORD = "a password for tests"
CHEAP = "scrypt:128:8:1"
"""The method of a cheap password hash, so that logging in does not slow the tests down."""

PASSWORD_HASH = generate_password_hash(PASSWORD, method=CHEAP)


class _Forms(Mapping[int | str, Form]):
    """The forms of a page by their position and id, each of which is read when it is used."""

    def __init__(self, page: TestResponse) -> None:
        self._page = page
        self._tags: dict[int | str, Any] = {}
        for position, tag in enumerate(page.html("form")):
            self._tags[position] = tag
            if "id" in tag.attrs:
                self._tags[tag["id"]] = tag
        self._read: dict[int, Form] = {}

    def __getitem__(self, key: int | str) -> Form:
        tag = self._tags[key]
        if id(tag) not in self._read:
            self._read[id(tag)] = Form(self._page, str(tag), self._page.parser_features)
        return self._read[id(tag)]

    def __iter__(self) -> Iterator[int | str]:
        return iter(self._tags)

    def __len__(self) -> int:
        return len(self._tags)


class _Page(TestResponse):
    """A page that reads only the forms that a test uses: most pages have six, and a test fills in one."""

    def _parse_forms(self) -> None:
        self._forms_indexed = _Forms(self)


class _Request(TestRequest):
    ResponseClass = _Page


class _Web(TestApp):
    RequestClass = _Request


class Browser:
    """A browser on the pages of `app`, with the network address `address`."""

    def __init__(self, app: Flask, address: str = "127.0.0.1", **environment: str) -> None:
        self.app = app
        self._web = _Web(app, extra_environ={"REMOTE_ADDR": address, **environment})

    @property
    def database(self) -> Database:
        """The database of the application."""
        database: Database = self.app.extensions["claims_database"]
        return database

    def get(self, address: str, status: int = 200, **arguments: Any) -> TestResponse:
        """Open a page."""
        return self._web.get(address, status=status, **arguments)

    def post(self, address: str, fields: dict[str, str], status: int, **arguments: Any) -> TestResponse:
        """Post fields without a form, as a script would."""
        return self._web.post(address, fields, status=status, **arguments)

    def twin(self, address: str = "127.0.0.1") -> "Browser":
        """Return another browser on the same application with copies of all cookies of this one."""
        copy = Browser(self.app, address)
        for cookie in self._web.cookiejar:
            copy._web.cookiejar.set_cookie(cookie)
        return copy

    def cookie(self, name: str) -> Cookie | None:
        """Return the cookie with this name, or None."""
        return next((cookie for cookie in self._web.cookiejar if cookie.name == name), None)

    def forget(self, name: str) -> None:
        """Delete a cookie."""
        for cookie in [cookie for cookie in self._web.cookiejar if cookie.name == name]:
            self._web.cookiejar.clear(cookie.domain, cookie.path, cookie.name)

    def try_log_in(self, name: str, password: str, status: int) -> TestResponse:
        """Submit the login form and return the response."""
        form = self.get("/login").forms["login"]
        form["username"], form["password"] = name, password
        return form.submit(status=status)

    def log_in(self, role: Role = Role.CURATOR, name: str = "ada") -> "Browser":
        """Create an account and log in as the form does after checking the password; return this browser."""
        add_account(self.database, name, role)
        with self.app.test_request_context("/login", environ_base=self._web.extra_environ) as context:
            with writing() as transaction:
                user = transaction.scalars(select(User).where(User.username == name)).one()
                open_account(transaction, user)
            response = self.app.response_class()
            self.app.session_interface.save_session(self.app, context.session, response)
        # Stored as if received over HTTP, so that later responses replace the cookie.
        self._web.cookiejar.extract_cookies(_Response(response.headers), Request("http://localhost/"))
        return self

    def log_out(self) -> None:
        """Log out with the button."""
        self.get("/").forms["logout"].submit(status=303)

    def form(self, address: str) -> Any:
        """Open a page and return its main form."""
        return self.get(address).forms["record"]


class _Response:
    """The part of a response that a cookie jar needs."""

    def __init__(self, headers: Headers) -> None:
        self.message = Message()
        for name, value in headers:
            self.message[name] = value

    def info(self) -> Message:
        """Return the headers."""
        return self.message


def add_account(database: Database, name: str, role: Role) -> None:
    """Create an account with the password of the tests, unless it exists."""
    with database.writing(Change(via=Via.COMMAND)) as session:
        if session.scalar(select(User).where(User.username == name)) is None:
            session.add(User(username=name, role=role, password_hash=PASSWORD_HASH))


def listed(page: TestResponse) -> list[str]:
    """Return the identifiers of the records on the page of a list, in their order."""
    return [found.get_text() for found in page.html.select(".entries .identifier")]


def errors(page: TestResponse) -> dict[str, str]:
    """Return the error messages of a form page, by field name."""
    return {
        tag["id"].removesuffix("-error"): " ".join(tag.get_text(" ", strip=True).split())
        for tag in page.html.select("[id$=-error]")
    }
