"""Terms of webhooks: what they announce, and what became of each delivery."""

from claims_app.vocabulary.term import Term


class HookEvent(Term):
    """What a webhook announces."""

    CLAIM_CREATED = (
        "claim.created",
        "Claim published",
        "A claim was added, accepted after review or restored, or is no longer a draft.",
    )
    CLAIM_CHANGED = ("claim.changed", "Claim changed", "Fields of a published claim were changed.")
    CLAIM_DELETED = (
        "claim.deleted",
        "Claim removed",
        "A published claim was deleted, merged into another one or made a draft again.",
    )
    LEVEL_CHANGED = (
        "level.changed",
        "Level changed",
        "An appraisal gave a claim another evidence level or another conclusion.",
    )
    STUDY_RETRACTED = ("study.retracted", "Study retracted", "A study was retracted or withdrawn.")
    RELEASE_PUBLISHED = ("release.published", "Release published", "A release of the database was published.")
    PING = ("ping", "Test", "A test, sent by an admin.")

    @property
    def is_optional(self) -> bool:
        """Whether a webhook chooses to get it; tests are sent to any."""
        return self is not HookEvent.PING


class DeliveryState(Term):
    """What became of the delivery of an event to a webhook."""

    PENDING = ("pending", "Waiting", "It will be sent, or sent again.")
    DELIVERED = ("delivered", "Delivered", "The receiver accepted it.")
    FAILED = ("failed", "Failed", "The receiver did not accept it in about three days; it is not sent again.")
