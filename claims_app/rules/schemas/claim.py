"""The fields of a claim, and the rules between them."""

from claims_app.rules.fields import Choice, Names, RecordReference, Schema, Text
from claims_app.rules.schemas.shared import needs, quote_fields, quote_rules
from claims_app.vocabulary import ClaimKind, ClaimStatus, RecordType

CLAIM = Schema(
    noun="claim",
    fields=(
        Text(
            name="statement",
            label="Statement",
            help="One checkable sentence about one population, one exposure and one outcome.",
            required=True,
            max_length=500,
        ),
        Choice(
            name="kind",
            label="Kind",
            help="What kind of question the claim answers. It decides where an appraisal starts.",
            required=True,
            terms=ClaimKind,
        ),
        Choice(name="status", label="Status", required=True, terms=ClaimStatus),
        Names(name="topics", label="Topics", help="Subjects the claim is listed under."),
        Text(
            name="population",
            label="Population",
            help="People, animals or samples that the claim is about.",
            max_length=300,
        ),
        Text(
            name="exposure",
            label="Exposure",
            help="The exposure, factor or intervention that the claim is about.",
            max_length=300,
        ),
        Text(
            name="comparator", label="Comparator", help="What the exposure is compared with.", max_length=300
        ),
        Text(name="outcome", label="Outcome", help="What was measured.", max_length=300),
        RecordReference(
            name="origin_study_id",
            label="Source study",
            help="The study or article the claim was first taken from.",
            record_type=RecordType.STUDY,
        ),
        Text(
            name="origin_section",
            label="Section",
            help="The section heading or page number in the source.",
            max_length=300,
        ),
        *quote_fields("origin_quote", "Quote"),
    ),
    rules=(
        needs("origin_quote", "origin_study_id", "Enter the study or article the quote is from."),
        needs("origin_section", "origin_study_id", "Enter the study or article the section is in."),
        *quote_rules("origin_quote"),
    ),
)
