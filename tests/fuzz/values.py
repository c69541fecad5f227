"""Values that nobody means to send: for texts, numbers, dates, identifiers, cursors, files and headers."""

import base64
import json
import random
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote_from_bytes

CANARY = "\"'><x onx=1>"
"""Text that becomes an element, or an attribute, where a page does not escape it."""

_TEXTS = (
    "",
    " ",
    "a",
    CANARY,
    "x" * 10_000,
    "\N{DNA DOUBLE HELIX}" * 3_000,
    "word " * 2_000,
    "e" + "\N{COMBINING ACUTE ACCENT}" * 2_000,
    "\N{RIGHT-TO-LEFT OVERRIDE}abc",
    "\N{ZERO WIDTH SPACE}",
    "\N{ZERO WIDTH NO-BREAK SPACE}a",
    "\x00",
    "a\x00b",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\N{LINE SEPARATOR}",
    "a\r\nX-Injected: 1",
    "\ufffe",
    "\ufdd0",
    "\U0010ffff",
    "\N{LATIN SMALL LIGATURE FI}\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}\N{KELVIN SIGN}",
    "%s%n{0}",
    "{{7*7}}",
    "' OR 1=1 --",
    "\\",
    "%",
    "_",
    "%%%",
    "*",
    "../../../etc/passwd",
    "..\\..\\x",
    "=1+1",
    "None",
    "null",
    "true",
    "[]",
    "{}",
)
_SEARCHES = (
    '"',
    '"a',
    '""',
    "a AND",
    "NOT",
    "OR a",
    "(",
    "a)",
    "NEAR(a b, 3)",
    "a*",
    "^a",
    "-a",
    "-",
    "statement:a",
    ":",
    "a & | ! b",
    "'a':*",
    "<->",
    "a b " * 500,
    "١٢",
    "CLM-1 STU-1",
)
_NUMBERS = (
    "0",
    "-1",
    "-0",
    "1",
    "2",
    "1.5",
    "1e5",
    "1e999",
    "-1e999",
    "1e-999",
    "NaN",
    "inf",
    "-Infinity",
    "0x10",
    "1_000",
    "1,5",
    "+1",
    " 1 ",
    "١٢",
    "½",
    "²",
    "2147483647",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "9" * 400,
    "9" * 5_000,
    "0." + "0" * 400 + "1",
    "1" + "0" * 308,
    "1.7976931348623157e308",
)
_DATES = (
    "0000-01-01",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "-0001-01-01",
    "2024-02-30",
    "2024-13-01",
    "2024-W01-1",
    "20240101",
    "2024-1-1",
    "2024",
    "now",
    "2024-01-01T00:00:00+99:99",
    "2024-01-01T24:00:00Z",
    "2024-06-30T23:59:60Z",
    "9999-12-31T23:59:59.999999-23:59",
    "0001-01-01T00:00:00+23:59",
    "2024-01-01T00:00:00.1234567890Z",
    "2999-01-01",
    "1970-01-01",
    "٢٠٢٤-٠١-٠١",
)
_NAMES = (
    "CLM-1",
    "CLM-2",
    "STU-1",
    "EVD-1",
    "clm-1",
    "CLM-0",
    "CLM-01",
    "CLM--1",
    "CLM-١",
    "CLM-2147483648",
    "CLM-99999999999999999999",
    "CLM-" + "9" * 5_000,
    "XXX-1",
    "CLM",
    "CLM-1 CLM-2",
    "ada",
    "admin",
    "pain",
)
_ADDRESSES = (
    "//evil.example",
    "https://evil.example/",
    "/\\evil.example",
    "javascript:alert(1)",
    "http://[::1",
    "http://[",
    "http://a:99999/",
    "http://a:b@c/",
    "http://\N{LATIN SMALL LETTER SHARP S}.example/",
    "https://" + "a" * 300 + ".example/",
    "http://xn--/",
    "https://example.org/" + "a" * 5_000,
    "10.1000/" + "a" * 3_000,
    "10.1/<x>",
    "PMC" + "9" * 50,
    "ada@example.org",
    "a@" + "b" * 300,
    "0000-0002-1825-0097",
)
_RAW = (b"\xff", b"a\xfe\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\xe9", b"\x80" * 100)
"""Bytes that are no UTF-8: stray ones, a lone surrogate, NUL in two bytes, a character beyond the last."""


def _json_cursors() -> tuple[str, ...]:
    contents: tuple[Any, ...] = (
        None,
        [],
        {},
        1,
        "a",
        [1],
        [1, 2],
        [None, None],
        ["a", 1],
        [1, "a"],
        [2**63],
        [2**31, 1],
        [[1], 1],
        [{"a": 1}],
        [float("nan"), 1],
        [1e308 * 10, 1],
        ["\x00", 1],
        ["\ud800", 1],
        ["2024-01-01", 1],
        ["10000-01-01T00:00:00", 1],
        [True, True],
        {"id": 1},
        "[" * 5_000,
    )
    texts = [each if isinstance(each, str) and len(each) > 9 else json.dumps(each) for each in contents]
    return tuple(base64.urlsafe_b64encode(text.encode()).decode().rstrip("=") for text in texts)


KINDS: tuple[Sequence[str], ...] = (
    _TEXTS,
    _SEARCHES,
    _NUMBERS,
    _DATES,
    _NAMES,
    _ADDRESSES,
    _json_cursors(),
)
_PATHS = ("%00", "CLM-1%00", "%ff", "%ed%a0%80", "%2f", "..%2f..%2fetc%2fpasswd", "%5c", "%25", "%", "%zz")
_PATHS += (".", "..", "%2e%2e", ";a=1", "%0d%0aX:1", "%F0%9F%A7%AC", "a" * 5_000, "%3Cx%20onx=1%3E", "%22%3E")

HEADERS: dict[str, Sequence[str]] = {
    "If-None-Match": (
        "*",
        '"',
        'W/"1"',
        '"1:2"',
        '"a", "b"',
        "W/",
        '"1:x.9"',
        '"' + "a" * 9_000,
        "\xff",
        ",",
    ),
    "If-Match": (
        "*",
        '"1"',
        "1",
        'W/"1"',
        '"9999999999999999999"',
        '"1:x"',
        '"',
        "",
        '"-1"',
        '"\xff"',
        "\xb2",
    ),
    "If-Modified-Since": ("x", "Thu, 01 Jan 1970 00:00:00 GMT", "Sun, 06 Nov 99999 08:49:37 GMT", "0"),
    "If-Range": ('"x"', "Sun, 06 Nov 99999 08:49:37 GMT", "", "\xff"),
    "Range": (
        "bytes=0-0",
        "bytes=5-2",
        "bytes=-5",
        "bytes=-0",
        "bytes=0-",
        "bytes=99999999999-",
        "bytes=0-1,3-4",
        "bytes=x",
        "lines=1-2",
        "bytes=" + "0-1," * 500,
        "bytes=" + "9" * 5_000 + "-",
        "bytes=\xb2-",
    ),
    "Accept": (
        "*/*",
        "text/csv",
        "application/json;q=x",
        "text/html;q=1e999",
        "application/problem+json",
        "application/ld+json",
        "application/trig",
        "application/fhir+json, text/html;q=0",
        ";",
        "a/b;" * 1_000,
        "\xff/\xff",
        "text/html;q=NaN",
        "",
    ),
    "Accept-Encoding": ("gzip", "gzip;q=0", "gzip;q=x", "br, gzip;q=1e9", "*", "", "identity;q=0", "\xff"),
    "Accept-Language": ("de", "x-klingon;q=NaN", "*", "a" * 9_000),
    "Content-Type": (
        "application/json",
        "application/json; charset=utf-16",
        "application/json; charset=nonsense",
        "text/plain",
        "application/x-www-form-urlencoded; charset=latin-1",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "b" * 500,
        "multipart/form-data; boundary=\xff",
        "multipart/mixed; boundary=x",
        "a" * 9_000,
        ";",
        "application/merge-patch+json",
        "",
    ),
    "Content-Length": ("", "-1", "x", "1e3", "9" * 30, "\xb2", "5, 5", "0"),
    "Content-Encoding": ("gzip", "x"),
    "Transfer-Encoding": ("chunked", "x"),
    "Idempotency-Key": ("a", "", "k" * 5_000, "\xff", '"a"', "\x01", " "),
    "Host": (
        "",
        "evil.example",
        "a b",
        "[::1",
        "[",
        "localhost:99999",
        "\xff",
        "a" * 9_000,
        "x:y",
        "a/b",
        "<x onx=1>",
    ),
    "X-Forwarded-For": ("", "x", "1.2.3.4, 5.6.7.8", "::1", "\xff", "," * 999),
    "X-Forwarded-Proto": ("https", "x", "", "https,http"),
    "X-Forwarded-Host": ("evil.example", "[", "\xff"),
    "X-Forwarded-Prefix": ("/a", "//evil.example", "\xff"),
    "X-Request-Id": ("a", "a" * 9_000, "<x onx=1>", "\xff", "a\x00b"),
    "X-Requested-With": ("XMLHttpRequest", "fragment", "\xff"),
    "Sec-Fetch-Site": ("cross-site", "same-origin", "x"),
    "Origin": ("null", "https://evil.example", "[", "\xff"),
    "Referer": (
        "http://localhost/claims?q=%00",
        "http://[",
        "//",
        "\xff",
        "https://evil.example/",
        "a" * 9_000,
    ),
    "User-Agent": ("", "\xff", "a" * 9_000, "curl/8\x00"),
    "Last-Event-ID": ("1", "x"),
    "Upgrade": ("websocket",),
    "X-HTTP-Method-Override": ("DELETE", "\xff"),
    "Authorization": (
        "Bearer",
        "Bearer x",
        "Bearer \xff",
        "Bearer " + "a" * 9_000,
        "Basic \xff",
        "Basic YTpi",
        "Bearer a b",
        "bearer \x00",
        "Digest " + "a=b," * 500,
        "",
    ),
    "Cookie": (
        "claims_session=",
        "claims_session=.x.y",
        "claims_session=" + "a" * 9_000,
        'claims_session="\\377"',
        "=;=;",
        "\xff=\xff",
        "claims_form=x; claims_seen=9e99",
        "remember_token=1|x",
        "a" * 9_000,
    ),
}


def text(chance: random.Random) -> bytes:
    """Return a value for a text."""
    if chance.random() < 0.03:
        return chance.choice(_RAW)
    if chance.random() < 0.1:
        some = "".join(
            chr(chance.choice((chance.randrange(128), chance.randrange(0xD800)))) for _ in range(9)
        )
        return some.encode()
    return chance.choice(chance.choice(KINDS)).encode("utf-8", "surrogatepass")


def changed(chance: random.Random, value: bytes) -> bytes:
    """Return `value` with a few of its bytes changed, left out or doubled."""
    data = bytearray(value)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(len(data) + 1)
        length = chance.choice((0, 1, 1, 4, 40))
        way: Callable[[], bytes] = chance.choice(
            (
                lambda: bytes([chance.randrange(256)]),
                lambda: b"",
                lambda at=at, length=length: bytes(data[at : at + length]) * 2,  # type: ignore[misc]
                lambda: chance.choice(chance.choice(KINDS)).encode("utf-8", "surrogatepass")[:300],
                lambda: chance.choice(_RAW),
            )
        )
        data[at : at + length] = way()
    return bytes(data)


def near(chance: random.Random, value: bytes) -> bytes:
    """Return a value for a text in place of `value`: any, or one that is almost the same."""
    return changed(chance, value) if value and chance.random() < 0.35 else text(chance)


def segment(chance: random.Random, value: str) -> str:
    """Return a percent-encoded part of a path in place of `value`."""
    return (
        chance.choice(_PATHS)
        if chance.random() < 0.6
        else quote_from_bytes(near(chance, value.encode()), safe="")
    )


def any_json(chance: random.Random, value: Any = None) -> Any:
    """Return a value of JSON in place of `value`."""
    way = chance.randrange(8)
    if way < 3:
        return near(chance, str(value).encode("utf-8", "surrogatepass")).decode("utf-8", "surrogateescape")
    if way == 3:
        return [value] * chance.choice((1, 2, 500))
    if way == 4:
        return {"a": value, "": [value]}
    if way == 5 and isinstance(value, dict | list) and value:
        return inside(chance, value)
    return chance.choice(
        (
            None,
            True,
            False,
            0,
            -1,
            1.5,
            -0.0,
            1e308,
            2**31,
            2**31 - 1,
            2**63 - 1,
            -(2**63),
            [],
            {},
            [[]],
            [None],
            "",
        )
    )


def inside(chance: random.Random, value: Any) -> Any:
    """Return a JSON object or list with another value, one more or one less, somewhere in it."""
    if isinstance(value, dict):
        copy = dict(value)
        name = chance.choice([*copy, "unknown"])
        if chance.random() < 0.15:
            copy.pop(name, None)
        elif chance.random() < 0.1:
            copy[text(chance).decode("utf-8", "surrogateescape")] = any_json(chance)
        else:
            old = copy.get(name)
            deeper = isinstance(old, dict | list) and chance.random() < 0.5
            copy[name] = inside(chance, old) if deeper else any_json(chance, old)
        return copy
    if isinstance(value, list) and value:
        rows = list(value)
        at = chance.randrange(len(rows))
        rows[at] = inside(chance, rows[at])
        return rows * chance.choice((1, 1, 1, 2))
    return any_json(chance, value)


def json_bytes(chance: random.Random, value: Any) -> bytes:
    """Return JSON, which is often not quite JSON."""
    data = json.dumps(value).replace("\\udc", chance.choice(("\\udc", "\\u00"))).encode()
    way = chance.random()
    if way < 0.8:
        return data
    return chance.choice(
        (
            lambda: changed(chance, data),
            lambda: b"\xef\xbb\xbf" + data,
            lambda: data.decode().encode("utf-16"),
            lambda: data[: chance.randrange(len(data) + 1)],
            lambda: data.replace(b"}", b', "version": 1, "version": 2}', 1),
            lambda: data.replace(b'""', b"NaN").replace(b"1", b"1e999"),
            lambda: b"[" * 50_000,
            lambda: b'{"a":' * 50_000,
            lambda: b"{" + data[1:-1] + b"," + data[1:],
        )
    )()
