"""A bibliographic service, and what it answers; `lookup.http` asks."""

import json
from dataclasses import dataclass

from claims_app.lookup.errors import Unexpected


@dataclass(frozen=True)
class Service:
    """A service: its name for people, its address, and how many requests it accepts per second."""

    name: str
    address: str
    per_second: float = 3.0


@dataclass(frozen=True)
class Answer:
    """A response with status 200."""

    text: str
    content_type: str

    def json(self) -> object:
        """Return its content, parsed as JSON. Raises Unexpected."""
        try:
            return json.loads(self.text)
        except ValueError:
            raise Unexpected("The service did not return JSON.") from None
