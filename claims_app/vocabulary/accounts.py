"""Terms of accounts: what a token may do, and what is counted so that nobody tries for ever."""

from claims_app.vocabulary.term import Term


class TokenScope(Term):
    """What a program with an API token may do. It may never do more than the account that it belongs to."""

    READ = ("read", "Read", "May read what the account may read, and change nothing.")
    WRITE = ("write", "Read and write", "May do what the account may do with records.")


class AttemptKind(Term):
    """What is counted: too much of it in a short time has to wait."""

    LOGIN = ("login", "Log-in", "A password that was typed.")
    RESET = ("reset", "Reset", "A mail with a link for a new password that was asked for.")
    TOKEN = ("token", "Token", "An API token that does not exist or has ended.")
    LOOKUP = ("lookup", "Look-up", "Other services that were asked for what somebody pasted.")
    REPORT = ("report", "Report", "A problem that somebody without an account reported.")
