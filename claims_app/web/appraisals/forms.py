"""The form for an appraisal."""

from wtforms import HiddenField, SelectField

from claims_app.rules import schemas
from claims_app.rules.appraisal.domains import DOMAINS
from claims_app.rules.appraisal.level import LEVELS
from claims_app.rules.appraisal.phrasing import signed
from claims_app.vocabulary import Conclusion
from claims_app.web.forms import RecordForm, choice, radio_field


class AppraisalForm(RecordForm):
    """An answer and a reason for each domain, the conclusion, an override, and a plain-language summary."""

    schema = schemas.APPRAISAL

    evidence_digest = HiddenField()

    def chosen(self) -> dict[str, object]:
        """Return the input so far."""
        return {name: value for name, value in self.values().items() if value not in (None, "")}


for _rule in DOMAINS:
    setattr(
        AppraisalForm,
        _rule.domain.value,
        radio_field(
            _rule.domain.label,
            [(str(step.move), f"{signed(step.move)} {step.label}") for step in _rule.steps],
        ),
    )
AppraisalForm.conclusion = radio_field(
    schemas.APPRAISAL.field("conclusion").label, [(term.value, term.label) for term in Conclusion]
)
AppraisalForm.level = SelectField(
    schemas.APPRAISAL.field("level").label,
    description=schemas.APPRAISAL.field("level").help,
    choices=[choice("", "As computed"), *(choice(level.value, level.label) for level in reversed(LEVELS))],
    validate_choice=False,
)
