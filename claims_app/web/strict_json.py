"""The JSON that the program sends, with ISO 8601 dates, and that it accepts."""

import datetime
import json
import math
from typing import Any, NoReturn

from flask.json.provider import DefaultJSONProvider

from claims_app.formats.delimited import utc_text

LARGEST_INTEGER = 2**63 - 1
"""The largest integer that is accepted, which is that of both databases."""


class UnreadableJSON(ValueError):
    """JSON that is not accepted; the text says why, as part of a sentence."""


class StrictJSON(DefaultJSONProvider):
    """JSON as RFC 8259 has it, without NaN, and with numbers that the databases have too."""

    @staticmethod
    def default(value: Any) -> Any:
        """Return dates and times as in the files (ISO 8601), and other values as Flask does."""
        if isinstance(value, datetime.datetime):
            return utc_text(value)
        return value.isoformat() if isinstance(value, datetime.date) else DefaultJSONProvider.default(value)

    def loads(self, s: str | bytes, **options: Any) -> Any:
        """Return the content of a JSON text. Raises UnreadableJSON."""
        try:
            return json.loads(
                s, parse_int=_integer, parse_float=_finite, parse_constant=_no_constant, **options
            )
        except UnreadableJSON:
            raise
        except RecursionError:
            raise UnreadableJSON("it is nested too deeply") from None
        except ValueError as error:
            # Bytes that are not UTF-8 are a ValueError too.
            where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
            raise UnreadableJSON(f"this is not JSON in UTF-8{where}") from None


def _integer(digits: str) -> int:
    if len(digits) > 20 or abs(number := int(digits)) > LARGEST_INTEGER:
        raise UnreadableJSON("it has a number that is too large")
    return number


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise UnreadableJSON("it has a number that is too large")
    return number


def _no_constant(name: str) -> NoReturn:
    raise UnreadableJSON(f"it has {name}, which is not a number in JSON")
