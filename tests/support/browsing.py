"""Using the pages as a person does: forms with their real CSRF tokens, links by their text."""

from email.message import Message
from http.cookiejar import Cookie
from typing import Any
from urllib.request import Request

from flask import Flask
from sqlalchemy import select
from webtest import TestApp, TestResponse
from werkzeug.datastructures import Headers
from werkzeug.security import generate_password_hash

from claims_app.database import Change, Database
from claims_app.models import User
from claims_app.vocabulary import Role, Via
from claims_app.web.auth.sign_in import open_account
from claims_app.web.session import writing

PASSWORD = "a password for tests"
CHEAP = "scrypt:1024:8:1"
"""A hash that costs little: what the tests are about is not how long a log-in takes."""

PASSWORD_HASH = generate_password_hash(PASSWORD, method=CHEAP)


class Browser:
    """Somebody at the pages of `app`."""

    def __init__(self, app: Flask, address: str = "127.0.0.1", **environment: str) -> None:
        self.app = app
        self._web = TestApp(app, extra_environ={"REMOTE_ADDR": address, **environment})

    @property
    def database(self) -> Database:
        """The database behind the pages."""
        database: Database = self.app.extensions["claims_database"]
        return database

    def get(self, address: str, status: int = 200, **arguments: Any) -> TestResponse:
        """Open an address."""
        return self._web.get(address, status=status, **arguments)

    def post(self, address: str, fields: dict[str, str], status: int, **arguments: Any) -> TestResponse:
        """Send fields without a form, as a script would."""
        return self._web.post(address, fields, status=status, **arguments)

    def twin(self, address: str = "127.0.0.1") -> "Browser":
        """Return another browser at the same application, to which all cookies of this one were copied."""
        copy = Browser(self.app, address)
        for cookie in self._web.cookiejar:
            copy._web.cookiejar.set_cookie(cookie)
        return copy

    def cookie(self, name: str) -> Cookie | None:
        """Return a cookie that the browser has."""
        return next((cookie for cookie in self._web.cookiejar if cookie.name == name), None)

    def forget(self, name: str) -> None:
        """Delete a cookie."""
        for cookie in [cookie for cookie in self._web.cookiejar if cookie.name == name]:
            self._web.cookiejar.clear(cookie.domain, cookie.path, cookie.name)

    def try_log_in(self, name: str, password: str, status: int) -> TestResponse:
        """Send the log-in form and return the answer."""
        form = self.get("/login").forms["login"]
        form["username"], form["password"] = name, password
        return form.submit(status=status)

    def log_in(self, role: Role = Role.CURATOR, name: str = "ada") -> "Browser":
        """Make an account and log in with it, as the form does once it has checked the password."""
        add_account(self.database, name, role)
        with self.app.test_request_context("/login", environ_base=self._web.extra_environ) as context:
            with writing() as transaction:
                user = transaction.scalars(select(User).where(User.username == name)).one()
                open_account(transaction, user)
            answer = self.app.response_class()
            self.app.session_interface.save_session(self.app, context.session, answer)
        # As if the answer had come by HTTP, so that later ones replace it.
        self._web.cookiejar.extract_cookies(_Answer(answer.headers), Request("http://localhost/"))
        return self

    def log_out(self) -> None:
        """Log out by the button."""
        self.get("/").forms["logout"].submit(status=303)

    def form(self, address: str) -> Any:
        """Open an address and return its main form."""
        return self.get(address).forms["record"]


class _Answer:
    """What a cookie jar needs of an answer."""

    def __init__(self, headers: Headers) -> None:
        self.message = Message()
        for name, value in headers:
            self.message[name] = value

    def info(self) -> Message:
        """Return the headers."""
        return self.message


def add_account(database: Database, name: str, role: Role) -> None:
    """Make an account with the password of the tests, unless there is one."""
    with database.writing(Change(via=Via.COMMAND)) as session:
        if session.scalar(select(User).where(User.username == name)) is None:
            session.add(User(username=name, role=role, password_hash=PASSWORD_HASH))


def errors(page: TestResponse) -> dict[str, str]:
    """Return the error texts of a form page by the name of their field."""
    return {
        tag["id"].removesuffix("-error"): " ".join(tag.get_text(" ", strip=True).split())
        for tag in page.html.select("[id$=-error]")
    }
