"""The form for a webhook."""

from flask_wtf import FlaskForm
from wtforms import StringField

from claims_app.models import Webhook
from claims_app.models.webhook import LONGEST_DESCRIPTION
from claims_app.rules.hooks.addresses import LONGEST_ADDRESS
from claims_app.services.hooks.webhooks import Wanted
from claims_app.vocabulary import HookEvent
from claims_app.web.forms import CheckboxGroup, choice


class WebhookForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """Where events are sent, and which."""

    address = StringField(
        "Address",
        description="Where the events are sent, such as https://example.org/hooks/claims.",
        render_kw={
            "required": True,
            "maxlength": LONGEST_ADDRESS,
            "inputmode": "url",
            "autocapitalize": "none",
            "autocomplete": "off",
        },
    )
    description = StringField(
        "Description",
        description="Optional. What it is for, and who looks after the receiver.",
        render_kw={"maxlength": LONGEST_DESCRIPTION},
    )
    events = CheckboxGroup(
        "Events",
        choices=[
            choice(event.value, f"{event.label}: {event.definition}")
            for event in HookEvent
            if event.is_optional
        ],
        validate_choice=False,
        render_kw={"required": True},
    )

    @classmethod
    def of(cls, hook: Webhook) -> "WebhookForm":
        """Return the form filled in from a webhook."""
        return cls(
            data={
                "address": hook.address,
                "description": hook.description or "",
                "events": [event.value for event in hook.wants],
            }
        )

    @property
    def wanted(self) -> Wanted:
        """What was entered."""
        return Wanted(self.address.data or "", self.events.data or [], self.description.data or "")
