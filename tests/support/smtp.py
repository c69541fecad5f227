"""A mail server for tests that keeps the messages it receives."""

import socketserver
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self, cast


@dataclass
class Inbox:
    """The server, on a free local port; it runs within the `with` block. `commands` are the SMTP commands received."""

    refuses: bool = False
    messages: list[EmailMessage] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        inbox = self

        class Conversation(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self._say("220 tests ESMTP")
                while line := self.rfile.readline():
                    command = line.decode().strip()
                    inbox.commands.append(command)
                    verb = command.split(" ")[0].split(":")[0].upper()
                    if verb == "EHLO":
                        self._say("250-tests")
                        self._say("250 AUTH PLAIN")
                    elif verb == "RCPT" and inbox.refuses:
                        self._say("550 no such person")
                    elif verb == "DATA":
                        self._say("354 go on")
                        lines = iter(self.rfile.readline, b".\r\n")
                        parsed = message_from_bytes(b"".join(lines), policy=policy.default)
                        inbox.messages.append(cast(EmailMessage, parsed))
                        self._say("250 taken")
                    elif verb == "QUIT":
                        self._say("221 goodbye")
                        return
                    else:
                        self._say("235 welcome" if verb == "AUTH" else "250 fine")

            def _say(self, line: str) -> None:
                self.wfile.write(f"{line}\r\n".encode())

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        """The port of the server."""
        return int(self._server.server_address[1])
