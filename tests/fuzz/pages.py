"""What pages offer: forms with their fields, and links with their parameters."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from tests.fuzz.wire import Field

_NO_INPUT = ("submit", "button", "image", "reset")


@dataclass
class Input:
    """A field of a form: what it is for, what is in it, and what can be chosen."""

    name: str
    kind: str
    value: str = ""
    choices: list[str] = field(default_factory=list)
    is_off: bool = False
    """Whether it is a box or a button that is not on."""

    def filled(self, chance: random.Random) -> list[str]:
        """Return what a person might enter."""
        if self.kind in ("hidden", *_NO_INPUT):
            return [self.value]
        if self.kind in ("checkbox", "radio"):
            return [self.value] if chance.random() < 0.5 else []
        if self.kind == "select":
            return [self.value if chance.random() < 0.3 or not self.choices else chance.choice(self.choices)]
        if self.value and chance.random() < 0.7:
            return [self.value]
        plain = {
            "number": "2",
            "date": "2024-02-29",
            "email": "ada@example.org",
            "url": "https://example.org/a",
        }
        return [
            plain.get(self.kind, chance.choice(("Some words.", "Pain", "STU-1", "CLM-2", "12", "10.1000/x")))
        ]


@dataclass
class Form:
    """A form of a page."""

    action: str
    method: str
    inputs: list[Input] = field(default_factory=list)
    in_parts: bool = False

    def filled(self, chance: random.Random) -> tuple[Field, ...]:
        """Return the form as a person might send it, with one of its buttons."""
        buttons = [each for each in self.inputs if each.kind in _NO_INPUT]
        pressed = [chance.choice(buttons)] if buttons else []
        others = (each for each in self.inputs if each.kind not in _NO_INPUT)
        return tuple(
            Field(
                each.name.encode(),
                value.encode("utf-8", "surrogatepass"),
                b"a.ris" if each.kind == "file" else None,
            )
            for each in [*others, *pressed]
            if each.name
            for value in each.filled(chance)
        )


class Page(HTMLParser):
    """The forms and links of a page, and its elements with the attribute of `values.CANARY`."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: set[str] = set()
        self.is_broken_into = False
        self._by_id: dict[str, Form] = {}
        self._form: Form | None = None
        self._select: Input | None = None
        self._area: Input | None = None
        self.feed(content.decode("utf-8", "replace"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Take notice of a tag."""
        given = {name: value or "" for name, value in attributes}
        self.is_broken_into |= "onx" in given
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").upper())
            self._form.in_parts = given.get("enctype", "").startswith("multipart")
            self.forms.append(self._form)
            self._by_id[given.get("id", "")] = self._form
        elif tag in ("a", "link") and "href" in given:
            self.links.add(given["href"])
        elif tag == "img" and "src" in given:
            self.links.add(given["src"])
        elif tag in ("input", "button", "select", "textarea"):
            self._take_input(tag, given)
        elif tag == "option" and self._select is not None:
            value = given.get("value", "")
            self._select.choices.append(value)
            if "selected" in given:
                self._select.value = value

    def _take_input(self, tag: str, given: dict[str, str]) -> None:
        form = self._by_id.get(given["form"]) if "form" in given else self._form
        usual = {"input": "text", "button": "submit"}.get(tag, tag)
        one = Input(given.get("name", ""), given.get("type", usual), given.get("value", ""))
        if form is not None:
            form.inputs.append(one)
        if tag == "select":
            self._select = one
        elif tag == "textarea":
            self._area = one

    def handle_data(self, data: str) -> None:
        """Take notice of text."""
        if self._area is not None:
            self._area.value += data

    def handle_endtag(self, tag: str) -> None:
        """Take notice of the end of an element."""
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None


def local(address: str, here: str) -> str | None:
    """Return the path and query that a link or form on the page `here` leads to, or None if it leads elsewhere."""
    address = address.partition("#")[0].removeprefix("http://localhost")
    if not address or address.startswith("?"):
        return here.partition("?")[0] + address
    return address if address.startswith("/") and not address.startswith("//") else None


def each_local(page: Page, here: str) -> Iterator[str]:
    """Yield where the links of a page lead to on this site."""
    for link in sorted(page.links):
        if found := local(link, here):
            yield found
