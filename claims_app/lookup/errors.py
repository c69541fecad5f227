"""What can go wrong with a service; the text of each is a sentence for a person."""


class LookupFailed(Exception):
    """Base of all of them."""


class NotThere(LookupFailed):
    """The service knows nothing of this."""


class Unavailable(LookupFailed):
    """The service is down, too slow, or has had enough of us; it is worth another try later."""


class Unexpected(LookupFailed):
    """The service answered something that it does not promise."""
