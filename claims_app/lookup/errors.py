"""The ways in which a request to a service can fail; the text of each is a sentence for the user."""


class LookupFailed(Exception):
    """Base class of all of them."""


class NotThere(LookupFailed):
    """The service has no such record."""


class Unavailable(LookupFailed):
    """The service is down, too slow, or limits our requests; a later try may work."""


class Unexpected(LookupFailed):
    """The service returned something that its documentation does not describe."""
