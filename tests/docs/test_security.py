"""`docs/security.md`, held against the standard, the modules and tests that it names, and the program."""

import ast
import re
from pathlib import Path

from claims_app.formats import references
from claims_app.rules import accounts, drafts, saved_views
from claims_app.rules.throttling import LIMITS
from claims_app.security_log import SecurityEvent
from claims_app.services.accounts import passwords, sessions
from claims_app.vocabulary import AttemptKind
from claims_app.web import request_limits

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")

REQUIREMENTS = {
    "1.1": "1 2",
    "1.2": "1 2 3 4 5 6 7 8 9",
    "1.3": "1 2 3 4 5 6 7 8 9 10 11",
    "1.4": "1 2 3",
    "1.5": "1 2",
    "2.1": "1 2 3",
    "2.2": "1 2 3",
    "2.3": "1 2 3 4",
    "2.4": "1",
    "3.2": "1 2",
    "3.3": "1 2 3 4",
    "3.4": "1 2 3 4 5 6",
    "3.5": "1 2 3 4 5",
    "3.7": "1 2",
    "4.1": "1 2 3",
    "4.2": "1",
    "4.3": "1 2",
    "4.4": "1 2 3 4",
    "5.1": "1",
    "5.2": "1 2 3",
    "5.3": "1 2",
    "5.4": "1 2 3",
    "6.1": "1 2 3",
    "6.2": "1 2 3 4 5 6 7 8 9 10 11 12",
    "6.3": "1 2 3 4",
    "6.4": "1 2 3 4",
    "6.5": "1 2 3 4 5",
    "6.6": "1 2 3",
    "6.8": "1 2 3 4",
    "7.1": "1 2 3",
    "7.2": "1 2 3 4",
    "7.3": "1 2",
    "7.4": "1 2 3 4 5",
    "7.5": "1 2",
    "7.6": "1 2",
    "8.1": "1 2",
    "8.2": "1 2 3",
    "8.3": "1",
    "8.4": "1",
    "9.1": "1 2 3",
    "9.2": "1 2 3 4",
    "10.1": "1 2",
    "10.2": "1 2",
    "10.3": "1 2 3 4",
    "10.4": "1 2 3 4 5 6 7 8 9 10 11",
    "10.5": "1 2 3 4 5",
    "10.6": "1 2",
    "10.7": "1 2 3",
    "11.1": "1 2",
    "11.2": "1 2 3",
    "11.3": "1 2 3",
    "11.4": "1 2 3 4",
    "11.5": "1",
    "11.6": "1",
    "12.1": "1 2 3",
    "12.2": "1 2",
    "12.3": "1 2 3 4",
    "13.1": "1",
    "13.2": "1 2 3 4 5",
    "13.3": "1 2",
    "13.4": "1 2 3 4 5",
    "14.1": "1 2",
    "14.2": "1 2 3 4",
    "14.3": "1 2 3",
    "15.1": "1 2 3",
    "15.2": "1 2 3",
    "15.3": "1 2 3 4 5 6 7",
    "16.1": "1",
    "16.2": "1 2 3 4 5",
    "16.3": "1 2 3 4",
    "16.4": "1 2 3",
    "16.5": "1 2 3",
    "17.1": "1",
    "17.2": "1 2 3 4",
    "17.3": "1 2",
}
"""The requirements of levels 1 and 2 of ASVS 5.0.0, by section."""

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| \d+\.\d+\.\d+ ", line)
]


def named_tests(path: Path) -> set[str]:
    """Return the tests of a file as pytest names them, after the path."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names |= {f"{node.name}::{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)}
    return names


def test_each_requirement_is_there_once() -> None:
    wanted = [f"{section}.{number}" for section, all_ in REQUIREMENTS.items() for number in all_.split()]
    assert [row[0] for row in ROWS] == wanted
    assert len(wanted) == 253


def test_each_state_says_what_it_needs_to() -> None:
    for number, _, state, where, test in ROWS:
        assert state in ("met", "operator", "does not apply", "not met"), number
        assert where, number
        assert bool(test) is (state == "met"), number
        if state == "met":
            assert "`" in where, number


def test_each_module_exists() -> None:
    for number, _, _, where, _ in ROWS:
        for name in re.findall(r"`([\w./]+\.(?:py|js|html|txt)|\.ci/\w+)`", where):
            assert (ROOT / "claims_app" / name).is_file() or (ROOT / name).is_file(), (number, name)


def test_each_test_exists() -> None:
    known: dict[str, set[str]] = {}
    for number, _, _, _, test in ROWS:
        if test:
            path, _, name = test.strip("`").partition("::")
            if path not in known:
                known[path] = named_tests(ROOT / "tests" / path)
            assert name in known[path], (number, test)


def test_what_is_not_met_is_listed_and_counted() -> None:
    not_met = [number for number, _, state, *_ in ROWS if state == "not met"]
    listed = re.findall(r"^- \*\*([\d.]+),", PAGE, re.MULTILINE)
    assert listed == not_met
    counts = [
        sum(row[2] == state for row in ROWS) for state in ("met", "operator", "does not apply", "not met")
    ]
    said = " ".join(PAGE.split())
    assert (
        f"Of the {len(ROWS)}, {counts[0]} are met, {counts[1]} are up to the operator, {counts[2]} do not apply, "
        f"and {counts[3]} are not met." in said
    )


def test_the_events_are_those_of_the_program() -> None:
    listed = re.findall(r"^\| `([\w.]+)` \| (.+) \| (info|warning) \|$", PAGE, re.MULTILINE)
    names = {20: "info", 30: "warning"}
    assert listed == [(event.value, event.sentence, names[event.level]) for event in SecurityEvent]


def test_the_context_words_are_those_of_the_program() -> None:
    assert f"\n{', '.join(accounts.CONTEXT_WORDS)}.\n" in PAGE
    assert f"{len(accounts.common_passwords()):,} in the program" in PAGE


def test_the_hash_of_passwords_is_that_of_the_program() -> None:
    assert (ROOT / "claims_app/services/accounts/passwords.py").read_text().count('HASH_METHOD = "') == 1
    method = re.search(
        r'HASH_METHOD = "(.+)"', (ROOT / "claims_app/services/accounts/passwords.py").read_text()
    )
    assert method is not None
    assert f"`{method[1]}`" in PAGE


def test_the_limits_are_those_of_the_program() -> None:
    said = " ".join(PAGE.split())
    for kind, what in (
        (AttemptKind.LOGIN, "attempts to log in"),
        (AttemptKind.RESET, "requests for reset links"),
        (AttemptKind.REPORT, "reports of readers"),
        (AttemptKind.LOOKUP, "lookups of one account"),
        (AttemptKind.TOKEN, "wrong API tokens"),
    ):
        row = re.search(rf"^\| {what} \| (.+) \|$", PAGE, re.MULTILINE)
        assert row is not None
        assert [int(number) for number in re.findall(r"\d+", row[1])] == [one.free for one in LIMITS[kind]]
    for sentence in (
        f"| size of a request | {request_limits.LARGEST_REQUEST // 1024**2} MB |",
        f"| {references.LARGEST_FILE // 1024**2} MB, {references.MOST_RECORDS:,} records |",
        f"| {drafts.MOST} and {saved_views.MOST} for an account |",
        f"{passwords.WAITING} more wait",
        f"after {sessions.IDLE.total_seconds() / 3600:.0f} hours without use, after {sessions.LONGEST.days} days",
        f"Passwords have {accounts.SHORTEST_PASSWORD} to {accounts.LONGEST_PASSWORD:,} characters",
    ):
        assert sentence in said, sentence
