"""What accounts may be called, how long somebody waits who tries too often, and what a browser is called."""

import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules.accounts import clean_email, clean_username
from claims_app.rules.identifiers import normalise_orcid
from claims_app.rules.throttling import LIMITS, Limit, in_words, place_of
from claims_app.rules.user_agent import agent_name
from claims_app.vocabulary import AttemptKind

SECOND = datetime.timedelta(seconds=1)


@pytest.mark.parametrize("typed", ["0000-0002-1825-0097", " https://orcid.org/0000-0002-1825-0097/ "])
def test_an_orcid_id_is_taken_bare_or_as_an_address(typed: str) -> None:
    assert normalise_orcid(typed) == "0000-0002-1825-0097"


def test_an_x_at_the_end_of_an_orcid_id_is_a_digit() -> None:
    assert normalise_orcid("0000-0002-1694-233x") == "0000-0002-1694-233X"


@pytest.mark.parametrize(
    "typed", ["", "0000-0002-1825-0098", "0000000218250097", "https://evil.example/0000-0002-1825-0097"]
)
def test_what_is_no_orcid_id_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="Write an ORCID iD"):
        normalise_orcid(typed)


@pytest.mark.parametrize("name", ["ab", "ada.lovelace", "a@b.example", "0_-"])
def test_a_name_may_be_an_address_too(name: str) -> None:
    assert clean_username(f" {name.upper()} ") == name


@given(st.text(max_size=12))
def test_an_address_holds_nothing_that_could_end_the_line_of_a_mail(text: str) -> None:
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
def test_waits_grow_up_to_a_bound(kind: AttemptKind) -> None:
    for limit in LIMITS[kind]:
        waits = [limit.wait(count) for count in range(limit.free + 40)]
        assert set(waits[: limit.free]) == {0 * SECOND}
        assert waits[limit.free] == limit.first
        assert waits[-1] == limit.longest
        assert all(earlier <= later for earlier, later in pairwise(waits))


def test_a_huge_number_of_tries_waits_no_longer_than_the_bound() -> None:
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
def test_a_wait_is_told_in_words_and_never_shorter_than_it_is(seconds: float, words: str) -> None:
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
def test_a_place_is_an_address_or_the_network_that_somebody_has(address: str | None, place: str) -> None:
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
def test_a_browser_is_told_in_short_words(text: str | None, name: str) -> None:
    assert agent_name(text) == name
