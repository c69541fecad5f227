"""Copying a quote or a number from a stored text into the form of an evidence item.

Each button submits the whole form, with the fields to fill in as a query string in `take`. The form is shown
again with these values; nothing is saved. A script does the same without a request.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from flask import request

from claims_app.models import Claim, Study
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.rules.arms import FIRST, SECOND, arms_of
from claims_app.rules.extraction import FieldSuggestion, Sentence
from claims_app.rules.schemas import OWN_QUOTE
from claims_app.services.core import quotes, records
from claims_app.services.core.errors import Invalid
from claims_app.services.records.passages import Passages, passages
from claims_app.vocabulary import EffectMeasure, QuoteCheck, RecordType, Species, StudyDesign
from claims_app.web.access import may
from claims_app.web.evidence.forms import EvidenceForm
from claims_app.web.session import reading

_QUOTE = (OWN_QUOTE.exact, OWN_QUOTE.prefix, OWN_QUOTE.suffix)

CHECK = "check"
"""The value of `take` that checks the quote against the stored texts."""


@dataclass(frozen=True)
class Offered:
    """A suggested value: its label, and the values for its button or link."""

    label: str
    take: str
    study: bool
    is_taken: bool


@dataclass(frozen=True)
class OfferedSentence:
    """A sentence in highlighted and plain parts, with its suggestions."""

    parts: Sequence[tuple[str, bool]]
    take: str
    is_taken: bool
    offers: Sequence[Offered]


@dataclass(frozen=True)
class OfferedText:
    """The passages of one text."""

    passages: Passages
    sentences: Sequence[OfferedSentence]


@dataclass(frozen=True)
class Texts:
    """The texts of the study in the form."""

    study: Study
    texts: Sequence[OfferedText]
    words: str
    may_attach: bool
    """Whether the user may attach a text to the study."""


def is_asked_for() -> bool:
    """Return whether the form was submitted to fill in values, and not to save it."""
    return request.method == "POST" and "take" in request.form


def take(form: EvidenceForm) -> QuoteCheck | None:
    """Fill in the requested values; return the result of the quote check if that was requested."""
    asked = request.form["take"]
    if asked == CHECK:
        return _check(form)
    for name, value in parse_qsl(asked, keep_blank_values=True, max_num_fields=20):
        if name in form and any(field.name == name for field in form.schema.fields):
            form[name].data = value
    return None


def texts_for(form: EvidenceForm, claim: Claim, study: Study | None) -> Texts | None:
    """Return the stored texts of `study` with suggestions; None while the form has no study."""
    if study is None:
        return None
    words = request.form.get("words", "").strip()[:200]
    found = passages(reading(), study, claim, words)
    return Texts(
        study=study,
        texts=[OfferedText(one, [_offered(form, study, s) for s in one.sentences]) for one in found],
        words=words,
        may_attach=bool(may(Permission.EDIT, study)),
    )


def study_of(form: EvidenceForm) -> Study | None:
    """Return the study in the form, if it is one."""
    try:
        number = schemas.EVIDENCE.field("study_id").clean(form.study_id.data)
    except ValueError:
        return None
    return records.look_up(reading(), Study, number) if isinstance(number, int) else None


def _check(form: EvidenceForm) -> QuoteCheck | None:
    study = study_of(form)
    try:
        values = {name: schemas.EVIDENCE.field(name).clean(form[name].data) for name in _QUOTE}
    except ValueError as refused:
        form.add_errors({OWN_QUOTE.exact: [str(refused)]})
        return None
    try:
        quotes.check_quote(reading(), study.id if study else None, values, OWN_QUOTE)
    except Invalid as refused:
        form.add_errors(refused.errors)
        return QuoteCheck.NOT_FOUND
    check = values[OWN_QUOTE.check]
    return check if isinstance(check, QuoteCheck) else None


def _offered(form: EvidenceForm, study: Study, sentence: Sentence) -> OfferedSentence:
    quote = {OWN_QUOTE.exact: sentence.text, OWN_QUOTE.prefix: "", OWN_QUOTE.suffix: ""}
    return OfferedSentence(
        parts=_parts(sentence),
        take=urlencode(quote),
        is_taken=form[OWN_QUOTE.exact].data == sentence.text,
        offers=[_offer(form, study, one) for one in sentence.suggestions if _fits(one, study)],
    )


def _fits(suggestion: FieldSuggestion, study: Study) -> bool:
    """Return whether the numbers of patients and controls in a text are those of the groups of the study.

    In a trial, both groups are patients.
    """
    of_groups = suggestion.values.keys() <= {FIRST[0], SECOND[0]}
    return not of_groups or arms_of(study.design) == arms_of(None)


def _offer(form: EvidenceForm, study: Study, suggestion: FieldSuggestion) -> Offered:
    of_study = suggestion.record_type is RecordType.STUDY
    values = suggestion.values
    if of_study:
        taken = all(_has(study, name, value) for name, value in values.items()) or not may(
            Permission.EDIT, study
        )
    else:
        taken = all(str(form[name].data or "") == value for name, value in values.items())
    return Offered(_in_words(form, values), urlencode(values), of_study, taken)


def _has(study: Study, name: str, value: str) -> bool:
    now = getattr(study, name)
    return value in now if name == "species" else now == value


def _in_words(form: EvidenceForm, values: Mapping[str, str]) -> str:
    """Return suggested values in words."""
    if "effect_measure" in values:
        words = f"{EffectMeasure.of(values['effect_measure']).label} {values['effect_value']}"
        if "ci_low" in values:
            words += f" ({values['ci_level']}% CI {values['ci_low']} to {values['ci_high']})"
        return words
    (name, value), *_ = values.items()
    if name == "design":
        return StudyDesign.of(value).label
    if name == "species":
        return Species.of(value).label
    label = schemas.STUDY.field(name).label if name == "registry_id" else form[name].label.text
    return f"{label} {value}"


def _parts(sentence: Sentence) -> list[tuple[str, bool]]:
    """Return the sentence in parts, marking those that suggestions come from."""
    marked = [False] * len(sentence.text)
    for suggestion in sentence.suggestions:
        marked[suggestion.start : suggestion.end] = [True] * (suggestion.end - suggestion.start)
    parts: list[tuple[str, bool]] = []
    for character, is_marked in zip(sentence.text, marked, strict=True):
        if parts and parts[-1][1] is is_marked:
            parts[-1] = (parts[-1][0] + character, is_marked)
        else:
            parts.append((character, is_marked))
    return parts
