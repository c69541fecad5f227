"""Terms of accounts: what an API token may do, and which attempts are rate-limited."""

from claims_app.vocabulary.term import Term


class TokenScope(Term):
    """What an API token may do; never more than the account that it belongs to."""

    READ = ("read", "Read", "Can read what the account can read, and change nothing.")
    WRITE = ("write", "Read and write", "Can read and change records like the account itself.")


class AttemptKind(Term):
    """An attempt that is rate-limited: after too many in a short time, the next one has to wait."""

    LOGIN = ("login", "Login", "A password was entered.")
    RESET = ("reset", "Password reset", "A password reset link was requested by e-mail.")
    TOKEN = ("token", "Token", "An unknown or expired API token was used.")
    LOOKUP = ("lookup", "Lookup", "A pasted identifier was looked up at another service.")
    REPORT = ("report", "Report", "A visitor without an account reported a problem.")
