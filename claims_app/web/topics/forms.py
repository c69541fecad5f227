"""The form of a topic."""

from collections.abc import Iterable

from wtforms import HiddenField, SelectField

from claims_app.rules import schemas
from claims_app.services.pages.topic_pages import TopicLine
from claims_app.web.forms import RecordForm, choice


class TopicForm(RecordForm):
    """A topic. Its short name stays, since addresses contain it."""

    schema = schemas.TOPIC

    def offer_broader(self, lines: Iterable[TopicLine]) -> None:
        """Offer the topics of a tree as broader ones; those on the third level can have none below them."""
        self.parent_id.choices = [choice("", "None"), *self._choices(lines, 1)]

    def _choices(self, lines: Iterable[TopicLine], level: int) -> list[object]:
        found: list[object] = []
        for line in lines:
            if line.slug != self.slug.data and level < 3:
                found.append(choice(line.public_id, f"{'— ' * (level - 1)}{line.name}"))
                found += self._choices(line.narrower, level + 1)
        return found


TopicForm.slug = HiddenField()
TopicForm.parent_id = SelectField(
    schemas.TOPIC.field("parent_id").label,
    description=schemas.TOPIC.field("parent_id").help,
    choices=[],
    validate_choice=False,
)
