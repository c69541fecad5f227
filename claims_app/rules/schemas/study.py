"""The fields of a study and of its texts, and the rules between them."""

from claims_app.rules import identifiers
from claims_app.rules.fields import (
    Choice,
    Choices,
    Date,
    Identifier,
    Lines,
    Name,
    RecordReference,
    Rule,
    Schema,
    Text,
    WholeNumber,
)
from claims_app.vocabulary import PublicationState, RecordType, Species, Standing, StudyDesign

TEXT_LENGTH = 2_000_000

STUDY = Schema(
    noun="study",
    fields=(
        Text(name="title", label="Title", required=True, max_length=1000),
        Lines(
            name="authors",
            label="Authors",
            help="One per line, family name first, such as “Goebel, A”; an ORCID iD may follow. Enter group names as "
            "they are.",
            max_length=20_000,
        ),
        WholeNumber(name="year", label="Year", help="Year of publication.", low=1500, high=2100, plain=True),
        Text(
            name="journal",
            label="Journal",
            help="Journal, preprint server, conference or website.",
            max_length=300,
        ),
        Text(name="volume", label="Volume", max_length=50),
        Text(name="issue", label="Issue", max_length=50),
        Text(name="pages", label="Pages", help="First and last page, or article number.", max_length=50),
        Identifier(
            name="doi",
            label="DOI",
            help="Such as 10.1172/JCI144201; a doi.org link also works.",
            normalise=identifiers.normalise_doi,
            sql="doi LIKE '10.%/_%' AND doi = lower(doi) AND doi NOT LIKE '% %'",
        ),
        Identifier(
            name="pmid",
            label="PubMed number",
            help="Such as 34196305.",
            normalise=identifiers.normalise_pmid,
            sql="length(pmid) BETWEEN 1 AND 9 AND ltrim(pmid, '0123456789') = '' AND substr(pmid, 1, 1) <> '0'",
        ),
        Identifier(
            name="pmcid",
            label="PubMed Central number",
            help="Such as PMC8245181.",
            normalise=identifiers.normalise_pmcid,
            sql="substr(pmcid, 1, 3) = 'PMC' AND length(pmcid) BETWEEN 4 AND 13 "
            "AND ltrim(substr(pmcid, 4), '0123456789') = '' AND substr(pmcid, 4, 1) <> '0'",
        ),
        Identifier(
            name="registry_id",
            label="Registry number",
            help="The number of a registered trial or review, such as NCT05643794.",
            normalise=identifiers.normalise_registry_id,
            sql="length(registry_id) BETWEEN 5 AND 40 AND registry_id = upper(registry_id) "
            "AND registry_id NOT LIKE '% %'",
            max_length=40,
        ),
        Choice(name="design", label="Design", help="How the study was done.", terms=StudyDesign),
        Choices(
            name="species",
            label="Species",
            help="The species in which the outcome was measured.",
            terms=Species,
        ),
        Choice(
            name="publication_state",
            label="Publication state",
            help="Whether and how the study has been published.",
            required=True,
            terms=PublicationState,
        ),
        Name(
            name="group",
            label="Study group",
            help="A name for reports that share participants, animals, serum donors or a laboratory; together they "
            "are one line of evidence.",
            max_length=200,
        ),
        Text(
            name="centre",
            label="Centre",
            help="The hospital or laboratory where participants were recruited or the work was done.",
            max_length=300,
        ),
        WholeNumber(
            name="data_from",
            label="Data from",
            help="First year of recruitment or of the experiments.",
            low=1500,
            high=2100,
            plain=True,
        ),
        WholeNumber(
            name="data_to",
            label="Data to",
            help="Last year of recruitment or of the experiments.",
            low=1500,
            high=2100,
            plain=True,
        ),
        RecordReference(
            name="version_of_id",
            label="Published version",
            help="For a preprint: the study it was published as.",
            record_type=RecordType.STUDY,
        ),
        Choice(
            name="standing",
            label="Standing",
            help="Whether the study is current, corrected, retracted or otherwise marked by a notice.",
            required=True,
            terms=Standing,
        ),
        Date(name="standing_date", label="Date of the notice", help="Year-month-day, such as 2026-11-23."),
        Text(name="standing_reason", label="Reason for the notice", max_length=1000),
        Identifier(
            name="standing_notice_doi",
            label="DOI of the notice",
            help="The DOI of the notice itself, not of the study.",
            normalise=identifiers.normalise_doi,
            sql="standing_notice_doi LIKE '10.%/_%' AND standing_notice_doi = lower(standing_notice_doi) "
            "AND standing_notice_doi NOT LIKE '% %'",
        ),
        Text(
            name="url",
            label="Web address",
            help="Where the study can be read, if not through its DOI.",
            max_length=1000,
        ),
        Text(
            name="note",
            label="Note",
            help="Anything else readers should know about this report.",
            max_length=2000,
            multiline=True,
        ),
    ),
    rules=(
        Rule(
            name="url_is_web_address",
            field="url",
            sentence="Enter a web address that starts with https:// or http://.",
            sql="url IS NULL OR (length(url) > 8 AND (substr(url, 1, 8) = 'https://' OR substr(url, 1, 7) = 'http://'))",
            holds=lambda values: (
                values.get("url") is None
                or (len(str(values["url"])) > 8 and str(values["url"]).startswith(("https://", "http://")))
            ),
        ),
        Rule(
            name="data_years_in_order",
            field="data_to",
            sentence="The last year cannot be before the first year.",
            sql="data_from IS NULL OR data_to IS NULL OR data_from <= data_to",
            holds=lambda values: not _after(values.get("data_from"), values.get("data_to")),
        ),
        Rule(
            name="notice_is_not_the_study",
            field="standing_notice_doi",
            sentence="This is the DOI of the study. Enter the DOI of the notice.",
            sql="doi IS NULL OR standing_notice_doi IS NULL OR doi <> standing_notice_doi",
            holds=lambda values: (
                values.get("doi") is None or values["doi"] != values.get("standing_notice_doi")
            ),
        ),
    ),
)


def _after(first: object, last: object) -> bool:
    return isinstance(first, int) and isinstance(last, int) and first > last


STUDY_TEXT = Schema(
    noun="text",
    fields=(
        Text(
            name="label",
            label="Type of text",
            help="Such as abstract, full text or article.",
            required=True,
            max_length=100,
        ),
        Text(
            name="content",
            label="Text",
            help="Used to check quotes, and never exported. An abstract is shown on the page of the study; any other "
            "text is never shown in full.",
            required=True,
            max_length=TEXT_LENGTH,
            multiline=True,
            exact=True,
        ),
    ),
)

STUDY_GROUP = Schema(
    noun="study group",
    fields=(Text(name="name", label="Name", required=True, max_length=200),),
)
"""The fields of a study group."""
