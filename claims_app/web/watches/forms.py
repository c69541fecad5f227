"""The form for a watch."""

from collections.abc import Sequence

from wtforms import SelectField

from claims_app.models import Topic
from claims_app.rules import schemas
from claims_app.web.forms import RecordForm, choice


class WatchForm(RecordForm):
    """A saved search."""

    schema = schemas.WATCH

    def offer_topics(self, topics: Sequence[Topic]) -> None:
        """Offer `topics` to choose from."""
        self.topic_id.choices = [
            choice("", "None"),
            *(choice(topic.public_id, topic.name) for topic in topics),
        ]


WatchForm.topic_id = SelectField(schemas.WATCH.field("topic_id").label, choices=[], validate_choice=False)
