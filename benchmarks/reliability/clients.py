"""People and scripts that use a site over HTTP: forms with sessions, and the API with tokens.

What the site acknowledges goes into a ledger.
"""

import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup, Tag

from benchmarks.reliability.ledger import Ledger
from benchmarks.reliability.sites import PASSWORD

SECONDS = 60.0
"""How long a client waits for an answer."""


class Refused(Exception):
    """The site did not do it, and said so; the answer says why."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__(f"{answer.request.method} {answer.request.url}: {answer.status_code}")
        self.answer = answer


@dataclass
class Form:
    """A form of a page, with the values that it shows."""

    address: str
    fields: dict[str, str]

    @classmethod
    def of(cls, page: requests.Response, selector: str) -> "Form":
        """Return the form that a CSS selector names. Raises Refused if the page has none."""
        found = BeautifulSoup(page.text, "html.parser").select_one(selector)
        if found is None:
            raise Refused(page)
        fields = {}
        for tag in found.find_all(["input", "textarea"]):
            kind = tag.get("type")
            if "name" in tag.attrs and (kind not in ("checkbox", "radio") or "checked" in tag.attrs):
                fields[str(tag["name"])] = str(tag.get("value") or "") if tag.name == "input" else tag.text
        for tag in found.find_all("select"):
            chosen = tag.find("option", selected=True) or tag.find("option")
            fields[str(tag["name"])] = str(chosen["value"]) if isinstance(chosen, Tag) else ""
        return cls(urljoin(page.url, str(found.get("action") or page.url)), fields)


class Client:
    """A client without an account."""

    def __init__(self, site: str, ledger: Ledger) -> None:
        self.site = site
        self.ledger = ledger
        self.http = requests.Session()
        self.http.trust_env = False

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        """Send a request, and return the answer, whatever it is."""
        address = urljoin(self.site, path)
        return self.http.request(method, address, timeout=SECONDS, allow_redirects=False, **more)

    def get(self, path: str) -> requests.Response:
        """Return a page. Raises Refused for another status than 200."""
        answer = self.ask("GET", path)
        if answer.status_code != 200:
            raise Refused(answer)
        return answer


class Person(Client):
    """A person with an account, a browser, and forms."""

    def log_in(self, name: str) -> None:
        """Log in; if others do so at the same moment, when the answer says. Raises Refused."""
        form = Form.of(self.get("/login"), "#login")
        for _ in range(10):
            answer = self.ask(
                "POST", form.address, data=form.fields | {"username": name, "password": PASSWORD}
            )
            if answer.status_code != 429:
                break
            time.sleep(float(answer.headers["Retry-After"]))
        if answer.status_code != 303:
            raise Refused(answer)

    def edit(self, claim: str) -> str:
        """Give a claim another outcome, and return it; if somebody else was faster, send the form again."""
        return self.send_edit(self.open_edit(claim), claim)

    def open_edit(self, claim: str) -> Form:
        """Open the form of a claim."""
        return Form.of(self.get(f"/claims/{claim}/edit"), "#record")

    def send_edit(self, form: Form, claim: str, word: str | None = None) -> str:
        """Send the form of a claim with another outcome, and return it; the same form is saved once. Raises Refused."""
        word = word or self.ledger.word()
        typed = {"outcome": word, "edit_summary": "A load test."}
        for _ in range(20):
            answer = self.ask("POST", form.address, data=form.fields | typed)
            if answer.status_code == 303:
                self.ledger.changed(claim, None, word)
                return word
            if answer.status_code != 409:
                break
            # In place: who sends it again, because no answer came, sends this one.
            again = Form.of(answer, "#record")
            form.address, form.fields = again.address, again.fields
        raise Refused(answer)

    def upload(self, name: str, data: bytes) -> str:
        """Upload a file, and return the address of its preview. Raises Refused."""
        form = Form.of(self.get("/studies/import"), "form[enctype]")
        answer = self.ask("POST", form.address, data=form.fields, files={"file": (name, data)})
        if answer.status_code != 303:
            raise Refused(answer)
        return answer.headers["Location"]

    def save_upload(self, preview: str) -> None:
        """Import the selected rows of a preview. Raises Refused."""
        self._sent(Form.of(self.get(preview), "#rows"), intent="import", edit_summary="A load test.")

    def _sent(self, form: Form, **typed: str) -> None:
        answer = self.ask("POST", form.address, data=form.fields | typed)
        if answer.status_code != 303:
            raise Refused(answer)


class Script(Client):
    """A program with an API token."""

    def __init__(self, site: str, ledger: Ledger, token: str) -> None:
        super().__init__(site, ledger)
        self.http.headers["Authorization"] = f"Bearer {token}"

    def read(self, claim: str) -> dict[str, Any]:
        """Return a claim. Raises Refused."""
        found: dict[str, Any] = self.get(f"/api/v1/claims/{claim}").json()
        return found

    def change(self, claim: str) -> str | None:
        """Give a claim another outcome, and return it; None if somebody else was faster. Raises Refused."""
        word = self.ledger.word()
        body = {"version": self.read(claim)["version"], "outcome": word, "edit_summary": "A load test."}
        answer = self.ask("PATCH", f"/api/v1/claims/{claim}", json=body)
        if answer.status_code == 409 and "changed the record" in answer.text:
            return None
        if answer.status_code != 200:
            raise Refused(answer)
        self.ledger.changed(claim, answer.json()["version"], word)
        return word

    def add(
        self, key: str | None = None, word: str | None = None, more: dict[str, object] | None = None
    ) -> str:
        """Add a claim, and return its identifier; with the same `key` again, it is saved once. Raises Refused.

        `more` are further fields of the claim.
        """
        statement = f"Antibodies of kind {word or self.ledger.word()} are raised."
        body = {"statement": statement, "kind": "association", "status": "active", **(more or {})}
        answer = self.ask(
            "POST",
            "/api/v1/claims",
            json=body | {"duplicate_is_meant": True},
            headers={"Idempotency-Key": key or secrets.token_hex(16)},
        )
        if answer.status_code != 201:
            raise Refused(answer)
        identifier: str = answer.json()["claim_id"]
        self.ledger.added(identifier, statement)
        return identifier
