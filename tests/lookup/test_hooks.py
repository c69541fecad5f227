"""Sending one message to a receiver: where it goes, and what is taken for an answer."""

import datetime
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from claims_app.lookup import hooks
from claims_app.lookup.hooks import NotSent, Reply, post
from tests.support.receiving import Receiver, receiving

NAME = "hooks.example.org"
BODY = '{"text":"ü"}'.encode()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def at_home(_host: str, _port: int) -> Sequence[str]:
    """Find every host on this machine."""
    return ["127.0.0.1"]


def send(address: str, seconds: float = 5.0) -> Reply:
    """Send a message where private addresses are allowed."""
    return post(address, BODY, {"webhook-id": "1"}, private_allowed=True, resolve=at_home, seconds=seconds)


def test_the_message_arrives_as_it_is(receiver: Receiver) -> None:
    assert send(receiver.address + "/a?b=c") == Reply(204)
    [received] = receiver.received
    assert (received.path, received.body) == ("/hook/a?b=c", BODY)
    assert received.headers["Content-Type"] == "application/json"
    assert received.headers["webhook-id"] == "1"
    assert received.headers["User-Agent"].startswith("claims-app")


def test_the_connection_is_made_to_the_address_that_was_checked(receiver: Receiver) -> None:
    assert send(f"http://{NAME}:{receiver.port}/").status == 204
    assert receiver.received[0].headers["Host"] == f"{NAME}:{receiver.port}"


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["fe80::1%eth0"],
        ["fd00::1"],
        ["93.184.216.34", "10.0.0.1"],
    ],
)
def test_a_name_that_leads_to_a_private_address_is_refused(
    found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks.socket, "create_connection", lambda *_: pytest.fail("It connected."))
    with pytest.raises(NotSent, match=f"{NAME} is at a private address"):
        post(f"https://{NAME}/", BODY, {}, private_allowed=False, resolve=lambda *_: found)


@pytest.mark.parametrize(
    "address",
    ["https://localhost./", "https://[::ffff:127.0.0.1]/", "https://2130706433/", "http://example.org/"],
)
def test_an_address_that_was_allowed_when_it_was_saved_is_checked_again(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks.socket, "create_connection", lambda *_: pytest.fail("It connected."))
    with pytest.raises(NotSent):
        post(address, BODY, {}, private_allowed=False, resolve=lambda *_: ["93.184.216.34"])


def test_a_name_is_looked_up_once_so_that_it_cannot_change_in_between(receiver: Receiver) -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    address = f"http://{NAME}:{receiver.port}/"
    post(address, BODY, {}, private_allowed=True, resolve=lambda *_: answers.pop(0))
    assert answers == [["10.0.0.1"]]
    assert len(receiver.received) == 1


def test_proxies_of_the_environment_are_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert send(receiver.address).status == 204


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.statuses, receiver.headers = [302], {"Location": receiver.address}
    assert send(receiver.address).status == 302
    assert len(receiver.received) == 1


def test_a_long_answer_is_cut_off(receiver: Receiver) -> None:
    receiver.statuses, receiver.body = [200], b"x" * 5_000_000
    assert send(receiver.address).status == 200


def test_an_answer_that_never_ends_is_cut_off(receiver: Receiver) -> None:
    receiver.drips = True
    with pytest.raises(NotSent, match=r"no answer within 0\.1 seconds"):
        send(receiver.address, seconds=0.1)
    assert receiver.gave_up.wait(5)


def test_the_pause_that_the_receiver_asks_for_is_read(receiver: Receiver) -> None:
    receiver.statuses, receiver.headers = [429], {"Retry-After": "120"}
    assert send(receiver.address) == Reply(429, datetime.timedelta(minutes=2))


def test_a_host_that_does_not_answer_is_named(receiver: Receiver) -> None:
    with pytest.raises(NotSent, match=r"the host hooks\.example\.org was not found"):
        post(f"https://{NAME}/", BODY, {}, private_allowed=False, resolve=lambda *_: [])
    with receiving() as gone:
        address = gone.address
    with pytest.raises(NotSent, match="refused the connection"):
        send(address)


def certificate(folder: Path, name: str) -> Path:
    """Write a self-signed certificate for `name` with its key, and return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file = folder / "certificate.pem"
    file.write_bytes(
        made.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    )
    return file


@pytest.mark.parametrize("name", [NAME, "other.example.org", ""])
def test_the_certificate_is_checked_for_the_name_and_not_for_the_ip_address(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = certificate(tmp_path, name or NAME)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    if name:
        monkeypatch.setattr(hooks, "_context", lambda: ssl.create_default_context(cafile=str(file)))
    with receiving(serving) as receiver:
        address = f"https://{NAME}:{receiver.port}/"
        if name == NAME:
            assert send(address).status == 204
        else:
            with pytest.raises(NotSent, match="its certificate is not valid"):
                send(address)
        assert len(receiver.received) == (name == NAME)
