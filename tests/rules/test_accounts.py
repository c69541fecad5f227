"""User names, e-mail addresses, ORCID iDs, rate limits, and names of browsers."""

import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules import accounts
from claims_app.rules.accounts import clean_email, clean_username
from claims_app.rules.identifiers import normalise_orcid
from claims_app.rules.throttling import LIMITS, Limit, in_words, place_of
from claims_app.rules.user_agent import agent_name
from claims_app.vocabulary import AttemptKind

SECOND = datetime.timedelta(seconds=1)


@pytest.mark.parametrize("typed", ["0000-0002-1825-0097", " https://orcid.org/0000-0002-1825-0097/ "])
def test_an_orcid_id_is_accepted_bare_or_as_a_url(typed: str) -> None:
    assert normalise_orcid(typed) == "0000-0002-1825-0097"


def test_an_x_at_the_end_of_an_orcid_id_is_a_digit() -> None:
    assert normalise_orcid("0000-0002-1694-233x") == "0000-0002-1694-233X"


@pytest.mark.parametrize(
    "typed", ["", "0000-0002-1825-0098", "0000000218250097", "https://evil.example/0000-0002-1825-0097"]
)
def test_an_invalid_orcid_id_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="Enter an ORCID iD"):
        normalise_orcid(typed)


@pytest.mark.parametrize("name", ["ab", "ada.lovelace", "a@b.example", "0_-"])
def test_a_user_name_may_be_an_email_address(name: str) -> None:
    assert clean_username(f" {name.upper()} ") == name


@given(st.text(max_size=12))
def test_an_email_address_cannot_contain_line_breaks(text: str) -> None:
    for typed in (f"ada@example.org{text}", f"{text}@example.org"):
        try:
            address = clean_email(typed)
        except ValueError:
            continue
        assert address is not None
        assert address.isascii()
        assert address.isprintable()
        assert not set(address) & set(' ,;:<>"\\')


@pytest.mark.parametrize("kind", AttemptKind)
def test_waiting_times_grow_up_to_a_limit(kind: AttemptKind) -> None:
    for limit in LIMITS[kind]:
        waits = [limit.wait(count) for count in range(limit.free + 40)]
        assert set(waits[: limit.free]) == {0 * SECOND}
        assert waits[limit.free] == limit.first
        assert waits[-1] == limit.longest
        assert all(earlier <= later for earlier, later in pairwise(waits))


def test_a_huge_number_of_attempts_waits_no_longer_than_the_limit() -> None:
    assert Limit(subject=True, source=True, free=1).wait(10**6) == datetime.timedelta(minutes=15)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 second"),
        (15, "15 seconds"),
        (60, "60 seconds"),
        (91, "2 minutes"),
        (900, "15 minutes"),
        (7200, "2 hours"),
    ],
)
def test_a_waiting_time_is_rounded_up_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds * SECOND) == words


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, "unknown"),
        ("a socket", "unknown"),
    ],
)
def test_a_source_is_an_address_or_its_ipv6_network(address: str | None, place: str) -> None:
    assert place_of(address) == place


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 20_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/20.0 Mobile/15E148 Safari/604.1",
            "Safari on an iPhone",
        ),
        ("curl/8.1", "curl"),
        ("<script>", "A browser"),
        (None, "A browser"),
    ],
)
def test_a_browser_has_a_short_name(text: str | None, name: str) -> None:
    assert agent_name(text) == name


@pytest.mark.parametrize("password", ["12345678", "Password1", "iloveyou1", "QWERTYUIOP"])
def test_a_password_that_attackers_try_first_is_refused(password: str) -> None:
    with pytest.raises(ValueError, match="attackers try first"):
        accounts.check_password(password)


def test_the_list_of_common_passwords_has_the_3000_that_asvs_asks_for() -> None:
    common = accounts.common_passwords()
    assert len(common) > 8000
    assert all(len(password) >= accounts.SHORTEST_PASSWORD for password in common)


@pytest.mark.parametrize(
    "password", ["claims2026!", "Curator-2026", "ada.lovelace1815", "Research_Claims", "ada-admin-12"]
)
def test_a_password_of_context_words_is_refused(password: str) -> None:
    with pytest.raises(ValueError, match="more than your user name"):
        accounts.check_password(password, ("ada", "ada.lovelace@example.org"))


@pytest.mark.parametrize(
    "password",
    [
        "xq7vn2kd",
        "all lower case",
        "  blanks  ",
        "пароль из слов",
        "ab\u200dcdefg👩\u200d🔬",
        "claims and unicorns",
        "x" * 1000,
    ],
)
def test_any_other_password_is_accepted(password: str) -> None:
    accounts.check_password(password, ("ada", ""))


@pytest.mark.parametrize("password", ["xq7vn2k", "x" * 1001, "xq7v\nn2kd", "xq7v\0n2kd"])
def test_a_password_that_cannot_be_typed_or_is_too_short_is_refused(password: str) -> None:
    with pytest.raises(ValueError, match="Use "):
        accounts.check_password(password)
