"""The form for a watch."""

from collections.abc import Sequence

from wtforms import SelectField

from claims_app.models import Topic
from claims_app.rules import records
from claims_app.web.forms import RecordForm, choice


class WatchForm(RecordForm):
    """A saved search."""

    schema = records.WATCH

    def offer_topics(self, topics: Sequence[Topic]) -> None:
        """Offer `topics` to choose from."""
        self.topic_id.choices = [
            choice("", "None"),
            *(choice(topic.public_id, topic.name) for topic in topics),
        ]


WatchForm.topic_id = SelectField(records.WATCH.field("topic_id").label, choices=[], validate_choice=False)
