"""The rules of webhooks: addresses, signatures and retries."""

import base64
import datetime
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules.hooks import retries
from claims_app.rules.hooks.addresses import clean_address, is_public
from claims_app.rules.hooks.signing import derive_secret, fingerprint, signed_headers, text_of

GOOD = {
    "https://example.org": "https://example.org/",
    " https://Hooks.Example.ORG:8443/a?b=c ": "https://hooks.example.org:8443/a?b=c",
    "https://example.org./a": "https://example.org/a",
    "https://bücher.example/": "https://xn--bcher-kva.example/",
    "https://8.8.8.8/": "https://8.8.8.8/",
    "https://[2606:4700:0::1111]/": "https://[2606:4700::1111]/",
}

PRIVATE = (
    "https://localhost/",
    "https://localhost./",
    "https://LOCALHOST:8000/",
    "https://claims.localhost/",
    "https://127.0.0.1/",
    "https://127.0.0.1./",
    "https://10.0.0.1/",
    "https://172.16.3.4/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[fe80::1]/",
    "https://[fc00::1]/",
    "https://[ff02::1]/",
    "https://[2002:7f00:1::]/",
    "https://[64:ff9b::10.0.0.1]/",
    "https://１２７.０.０.１/",
    "https://127。0。0。1/",
)

BAD = (
    "",
    "example.org",
    "//example.org/",
    "ftp://example.org/",
    "file:///etc/passwd",
    "https://",
    "https:///path",
    "https://2130706433/",
    "https://0177.0.0.1/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://127.1/",
    "https://127.0.0.01/",
    "https://1.2.3.4.5/",
    "https://ada:secret@example.org/",
    "https://example.org@127.0.0.1/",
    "https://@example.org/",
    "https://example.org/#part",
    "https://example.org/#",
    "https://example.org\\@127.0.0.1/",
    "https://exam\tple.org/",
    "https://example.org/a b",
    "https://example.org/\r\nHost: x",
    "https://example.org:0/",
    "https://example.org:99999/",
    "https://example.org:a/",
    "https://[::1/",
    "https://[fe80::1%25eth0]/",
    "https://exa..mple.org/",
    "https://exam\u00a0ple.org/",
    "https://exam＼ple.org/",
    "https://exam|ple.org/",
    "https://exam%2fple.org/",
    "https://./",
    "https://example.org/ü",
    "https://example.org/" + "a" * 2000,
)


@pytest.mark.parametrize("text", GOOD)
def test_a_public_address_is_normalised(text: str) -> None:
    assert clean_address(text, private_allowed=False) == GOOD[text]


@pytest.mark.parametrize("text", PRIVATE)
def test_a_private_address_is_refused_however_it_is_spelt(text: str) -> None:
    with pytest.raises(ValueError, match="private addresses"):
        clean_address(text, private_allowed=False)
    assert clean_address(text, private_allowed=True)


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_plain_address_is_refused_even_where_private_ones_are_allowed(text: str) -> None:
    for private_allowed in (False, True):
        with pytest.raises(ValueError, match=r"[.:]"):
            clean_address(text, private_allowed=private_allowed)


def test_http_needs_the_setting() -> None:
    assert clean_address("http://10.0.0.1:80", private_allowed=True) == "http://10.0.0.1:80/"
    with pytest.raises(ValueError, match="https://"):
        clean_address("http://example.org/", private_allowed=False)


@given(st.text(max_size=60).map(lambda text: f"https://{text}") | st.text(max_size=60))
def test_any_text_is_refused_or_becomes_an_address_that_stays_the_same(text: str) -> None:
    try:
        cleaned = clean_address(text, private_allowed=False)
    except ValueError:
        return
    assert cleaned.isascii()
    assert clean_address(cleaned, private_allowed=False) == cleaned


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_as_public_within_ipv6(ip: ipaddress.IPv4Address) -> None:
    assert not is_public(f"::ffff:{ip}")
    assert is_public(f"64:ff9b::{ip}") is is_public(str(ip))


@pytest.mark.parametrize("ip", ["1.1.1.1", "193.0.6.139", "2a00:1450:4001::1", "64:ff9b::1.1.1.1"])
def test_public_ips(ip: str) -> None:
    assert is_public(ip)


def test_the_signature_is_that_of_the_libraries_of_standard_webhooks() -> None:
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert text_of(secret) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert signed_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}') == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_each_webhook_has_a_secret_of_its_own_that_needs_the_key_of_the_site() -> None:
    secrets = {derive_secret(key, salt) for key in ("key", "other") for salt in ("a" * 64, "b" * 64)}
    assert len(secrets) == 4
    assert len({fingerprint(secret) for secret in secrets}) == 4
    assert {len(secret) for secret in secrets} == {32}


def test_the_pauses_grow_and_add_up_to_about_three_days() -> None:
    pauses = [retries.pause_after(failures, 0.5) for failures in range(1, retries.TRIES)]
    assert pauses == sorted(pauses)
    assert pauses[0] == datetime.timedelta(seconds=15)
    assert (
        datetime.timedelta(days=2.9) < sum(pauses, start=datetime.timedelta()) < datetime.timedelta(days=3.3)
    )


def test_a_pause_varies_by_a_fifth() -> None:
    assert [retries.pause_after(1, chance).total_seconds() for chance in (0.0, 1.0)] == [12, 18]


def test_the_receiver_may_ask_for_a_longer_pause_but_not_for_ever() -> None:
    hour = datetime.timedelta(hours=1)
    assert retries.pause_after(1, 0.5, hour) == hour
    assert retries.pause_after(1, 0.5, hour / 3600) == datetime.timedelta(seconds=15)
    assert retries.pause_after(1, 0.5, 1000 * hour) == retries.LONGEST_PAUSE
