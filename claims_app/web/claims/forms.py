"""The form for a claim."""

from collections.abc import Sequence

from wtforms import BooleanField, StringField

from claims_app.models import Topic
from claims_app.rules import schemas
from claims_app.web.forms import RecordForm, choice


class ClaimForm(RecordForm):
    """Statement, kind, PECO, topics and origin of a claim."""

    schema = schemas.CLAIM

    new_topics = StringField(
        "New topics", description="Names of topics that are not listed yet, separated by commas."
    )

    duplicate_is_meant = BooleanField("Yes, this is another claim. Add it anyway.")

    def offer_topics(self, topics: Sequence[Topic]) -> None:
        """Offer `topics` to choose from."""
        self.topics.choices = [choice(topic.slug, topic.name) for topic in topics]

    def values(self) -> dict[str, object]:
        """Return the input, with the new topics added to the selected ones."""
        new = [name.strip() for name in (self.new_topics.data or "").split(",") if name.strip()]
        return {**super().values(), "topics": [*(self.topics.data or []), *new]}
