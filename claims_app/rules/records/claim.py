"""The fields of a claim, and the rules between them."""

from claims_app.rules.fields import Choice, Names, RecordReference, Schema, Text
from claims_app.rules.records.shared import needs, quote_fields, quote_rules
from claims_app.vocabulary import ClaimKind, ClaimStatus, RecordType

CLAIM = Schema(
    noun="claim",
    fields=(
        Text(
            name="statement",
            label="Statement",
            help="One checkable sentence, about one population, one exposure and one outcome.",
            required=True,
            max_length=500,
        ),
        Choice(
            name="kind",
            label="Kind",
            help="What sort of question the claim answers; it decides where an appraisal starts.",
            required=True,
            terms=ClaimKind,
        ),
        Choice(name="status", label="Status", required=True, terms=ClaimStatus),
        Names(name="topics", label="Topics", help="Subjects that the claim is found under."),
        Text(
            name="population", label="Population", help="In whom: people, animals or samples.", max_length=300
        ),
        Text(
            name="exposure",
            label="Exposure",
            help="The exposure, factor or intervention that the claim is about.",
            max_length=300,
        ),
        Text(name="comparator", label="Comparator", help="Compared with whom or with what.", max_length=300),
        Text(name="outcome", label="Outcome", help="What was measured.", max_length=300),
        RecordReference(
            name="origin_study_id",
            label="Origin",
            help="The study or article that the claim was first taken from, such as STU-1.",
            record_type=RecordType.STUDY,
        ),
        Text(
            name="origin_section",
            label="Section",
            help="The heading under which it stands, or a page number.",
            max_length=300,
        ),
        *quote_fields("origin_quote", "Quote"),
    ),
    rules=(
        needs("origin_quote", "origin_study_id", "Choose the study or article that the quote is from."),
        needs("origin_section", "origin_study_id", "Choose the study or article that the section is in."),
        *quote_rules("origin_quote"),
    ),
)
