"""Connections to services and to where they redirect, but never from there into the network of the operator.

A DOI leads to any address that its owner chose. Without this check, somebody could let the program ask a host that
only the program can reach (server-side request forgery). The address that a connection was made to is checked before
anything is sent, so a name cannot mean another host a moment later.
"""

import socket
from collections.abc import Callable
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from claims_app.rules.hooks.addresses import is_public
from claims_app.security_log import SecurityEvent, log_event

IsService = Callable[[str, int], bool]
"""Whether a host and its port are those of a service that the operator has configured, which may be private."""


class PrivateAddress(Exception):
    """A service redirects to a private address."""


def check_connections(manager: PoolManager, is_service: IsService) -> None:
    """Let the connections of `manager` refuse private addresses, except those of services, with PrivateAddress.

    If a proxy is configured, it makes the connections, and has to check them.
    """

    def checked(connected: socket.socket, host: str, port: int) -> socket.socket:
        if is_service(host, port) or is_public(str(connected.getpeername()[0]).partition("%")[0]):
            return connected
        connected.close()
        log_event(SecurityEvent.OUTGOING_REFUSED, host=host)
        raise PrivateAddress

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return checked(super()._new_conn(), self.host, self.port or self.default_port)

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return checked(super()._new_conn(), self.host, self.port or self.default_port)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls: Any = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls: Any = Encrypted

    manager.pool_classes_by_scheme = {"http": PlainPool, "https": EncryptedPool}
