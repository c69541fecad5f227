"""Sending mail through the server that the operator has configured."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from claims_app.config import MailSettings

SECONDS = 20
"""Timeout for each answer of the server."""


@dataclass(frozen=True)
class Letter:
    """One mail."""

    to: str
    subject: str
    text: str


def send(server: MailSettings, letter: Letter) -> None:
    """Send `letter` through `server`. Raises OSError (smtplib's errors are subclasses) if the server refuses it."""
    message = EmailMessage()
    message["From"] = server.sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=server.sender.rpartition("@")[2].strip(" >"))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    with _connect(server) as connection:
        connection.send_message(message)


def _connect(server: MailSettings) -> smtplib.SMTP:
    """Return a connection to the server, encrypted from the start or by STARTTLS if the server offers it.

    The password is never sent unencrypted, except to the local machine. Raises OSError.
    """
    context = ssl.create_default_context()
    connection = (
        smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
        if server.tls
        else smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    )
    try:
        connection.ehlo()
        encrypted = server.tls
        if not encrypted and connection.has_extn("starttls"):
            connection.starttls(context=context)
            connection.ehlo()
            encrypted = True
        if server.username is not None:
            if not encrypted and server.host not in ("127.0.0.1", "::1", "localhost"):
                raise OSError("The mail server does not support encryption, so the password was not sent.")
            connection.login(server.username, server.password or "")
    except BaseException:
        connection.close()
        raise
    return connection
