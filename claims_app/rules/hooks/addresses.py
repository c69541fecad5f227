"""Which addresses a webhook may have: public ones over HTTPS, unless the operator allows others.

A program on the network of the operator could be made to do something by a request from inside (server-side request
forgery). The form of an address is checked when it is saved. What its name means is checked each time something is
sent, since that may change (`claims_app.lookup.hooks`).
"""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

LONGEST_ADDRESS = 2000

_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_NAME = re.compile(r"[a-z0-9._-]+")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_UNICAST = ipaddress.IPv6Network("2000::/3")
"""The only part of IPv6 in which public addresses are given out (RFC 4291, 2.4, and the registry of IANA)."""

_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv4 addresses as they are written in networks with IPv6 only (RFC 6052)."""

_TUNNELLED = (ipaddress.IPv6Network("2001::/32"), ipaddress.IPv6Network("2002::/16"))
"""IPv4 addresses within those of Teredo (RFC 4380) and 6to4 (RFC 3056)."""


def clean_address(text: str, *, private_allowed: bool) -> str:
    """Return the address of a receiver in its normal form.

    With `private_allowed`, it may be on a private network and begin with http://. Raises ValueError, with a sentence,
    for any other address.
    """
    parts = _split(text.strip())
    if parts.scheme == "http" and not private_allowed:
        raise ValueError("Use an address that begins with https://, or set CLAIMS_WEBHOOKS_PRIVATE=allow.")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("Enter a web address such as https://example.org/hooks/claims.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("Leave the user name and the password out: each request is signed instead.")
    if parts.fragment or "#" in text:
        raise ValueError("Leave out the part after #: it is never sent.")
    host = _clean_host(parts.hostname, private_allowed=private_allowed)
    port = "" if parts.port is None else f":{parts.port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{host}{port}{parts.path or '/'}{query}"


def _split(text: str) -> SplitResult:
    wrong = ValueError("Enter a web address such as https://example.org/hooks/claims.")
    if len(text) > LONGEST_ADDRESS:
        raise ValueError(f"Use at most {LONGEST_ADDRESS:,} characters.")
    if _UNSAFE.search(text):
        raise wrong
    try:
        parts = urlsplit(text)
        if parts.port == 0:
            raise wrong
    except ValueError:
        raise wrong from None
    if not (parts.path + parts.query).isascii():
        raise ValueError("Write other characters than ASCII after the host as %XX, as the browser does.")
    return parts


def _clean_host(host: str, *, private_allowed: bool) -> str:
    """Return the host in lower case and ASCII. Raises ValueError for one that is surely not public."""
    private = ValueError(
        "Webhooks are not sent to private addresses, such as those of your own network. The operator can allow it "
        "with CLAIMS_WEBHOOKS_PRIVATE=allow."
    )
    if ":" in host:
        if "%" in host or not (private_allowed or is_public(host)):
            raise private
        return f"[{ipaddress.IPv6Address(host).compressed}]"
    try:
        # Other digits and dots than those of ASCII become these, as they do when the name is looked up.
        name = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise ValueError(f"“{host}” is not the name of a host.") from None
    bare = name.removesuffix(".")
    last = bare.rpartition(".")[2]
    if not _NAME.fullmatch(bare) or not last:
        raise ValueError(f"“{host}” is not the name of a host.")
    if _NUMBER.fullmatch(last):
        try:
            bare = str(ipaddress.IPv4Address(bare))
        except ValueError:
            # Libraries read 2130706433, 0177.1 and 0x7f.1 as 127.0.0.1.
            raise ValueError("Write an IP address as four numbers, such as 192.0.2.10.") from None
        if not (private_allowed or is_public(bare)):
            raise private
    elif last == "localhost" and not private_allowed:
        raise private
    return bare


def is_public(address: str) -> bool:
    """Return whether an IP address can be reached by everybody, such as no private, local or multicast one.

    An IPv4 address within one of IPv6 counts as itself. Raises ValueError for anything else than an IP address.
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _TRANSLATED:
            return is_public(str(ipaddress.IPv4Address(ip.packed[-4:])))
        if ip.scope_id is not None or ip not in _UNICAST or any(ip in network for network in _TUNNELLED):
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)
