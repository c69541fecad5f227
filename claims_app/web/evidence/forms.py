"""The forms for an evidence item and for a limitation."""

from wtforms import BooleanField, HiddenField

from claims_app.rules import schemas
from claims_app.rules.arms import FIRST, SECOND, arms_of
from claims_app.vocabulary import StudyDesign
from claims_app.web.forms import RecordForm

USUAL_LEVEL = "95"
"""The level of nearly all published confidence intervals, in per cent."""


class EvidenceForm(RecordForm):
    """What one study says about one claim."""

    schema = schemas.EVIDENCE

    candidate = HiddenField()  # a field of the form rather than of its address, so that drafts keep it
    duplicate_is_meant = BooleanField("Yes, this is another finding of the same study. Add it.")

    def offer_usual_level(self) -> None:
        """Fill in the usual level of an interval, which counts only if an interval is given (see `values`)."""
        if not self.ci_level.data and not self._has_interval():
            self.ci_level.data = USUAL_LEVEL

    def name_groups(self, design: StudyDesign | None) -> None:
        """Call the two groups as in studies of this design."""
        arms = arms_of(design)
        for names, arm in ((FIRST, arms.first), (SECOND, arms.second)):
            size, *others = (self[name] for name in names)
            size.label.text = arm.label
            if design is not None:
                size.description = arm.people
            for field, what in zip(others, ("events", "mean", "SD"), strict=True):
                field.label.text = f"{arm.label}: {what}"

    def values(self) -> dict[str, object]:
        """Return the input, without the level of an interval that is not given."""
        values = super().values()
        if not self._has_interval() and values["ci_level"] == USUAL_LEVEL:
            values["ci_level"] = ""
        return values

    def _has_interval(self) -> bool:
        return bool(self.ci_low.data or self.ci_high.data)


class LimitationForm(RecordForm):
    """A limitation of a claim or of an evidence item."""

    schema = schemas.LIMITATION
