"""The fields and the rules of every sort of record.

Forms, imports, the seed and the database constraints are all made from the schemas in this module:
a limit, a help text or a rule is changed here and nowhere else (and, for the database, in a migration).
"""

from collections.abc import Callable
from dataclasses import dataclass

from claims_app.rules import identifiers
from claims_app.rules.fields import (
    Choice,
    Choices,
    Date,
    Identifier,
    Lines,
    Name,
    Names,
    Number,
    Reference,
    Rule,
    Schema,
    Text,
    Values,
    Whole,
)
from claims_app.rules.p_values import p_number
from claims_app.vocabulary import (
    CORRELATION_MEASURES,
    RATIO_MEASURES,
    CertaintyDomain,
    ClaimKind,
    ClaimStatus,
    Direction,
    Directness,
    EffectMeasure,
    Hedge,
    LimitationKind,
    PublicationState,
    RecordType,
    RiskOfBias,
    Species,
    Standing,
    StudyDesign,
    UnitOfAnalysis,
)

QUOTE_LENGTH = 2000
CONTEXT_LENGTH = 200
LARGEST_COUNT = 10**9
LARGEST_NUMBER = 1e12
TEXT_LENGTH = 2_000_000
REASON_LENGTH = 500

QUOTE_HELP = "Word for word as it stands in the text: same spelling, same punctuation."
PREFIX_HELP = "The few words right before the quote. Filled in by itself where the text is stored."
SUFFIX_HELP = "The few words right after the quote. Filled in by itself where the text is stored."


def together(first: str, second: str, sentence: str) -> Rule:
    """Either both fields are filled in, or neither is."""
    return Rule(
        name=f"{first}_with_{second}",
        field=second,
        sentence=sentence,
        sql=f"({first} IS NULL) = ({second} IS NULL)",
        holds=lambda values: (values.get(first) is None) == (values.get(second) is None),
    )


def needs(first: str, second: str, sentence: str) -> Rule:
    """The first field is filled in only where the second one is."""
    return Rule(
        name=f"{first}_needs_{second}",
        field=second,
        sentence=sentence,
        sql=f"{first} IS NULL OR {second} IS NOT NULL",
        holds=lambda values: values.get(first) is None or values.get(second) is not None,
    )


def _numbers(values: Values, *names: str) -> list[float]:
    return [number for name in names if isinstance(number := values.get(name), int | float)]


_ESTIMATE = ("effect_value", "ci_low", "ci_high")


def _measure_rule(name: str, measures: tuple[EffectMeasure, ...], sentence: str, low: str, high: str) -> Rule:
    """The numbers of an estimate in one of `measures` keep to the bounds `low` and `high` (SQL comparisons)."""
    listed = ", ".join(f"'{measure.value}'" for measure in measures)
    bounds = [bound for bound in (low, high) if bound]
    numbers = " AND ".join(
        f"({number} IS NULL OR ({' AND '.join(f'{number} {bound}' for bound in bounds)}))"
        for number in _ESTIMATE
    )
    compare: dict[str, Callable[[float], bool]] = {
        "> 0": lambda number: number > 0,
        ">= 0": lambda number: number >= 0,
        ">= -1": lambda number: number >= -1,
        "<= 1": lambda number: number <= 1,
    }
    return Rule(
        name=name,
        field="effect_value",
        sentence=sentence,
        sql=f"effect_measure IS NULL OR effect_measure NOT IN ({listed}) OR ({numbers})",
        holds=lambda values: (
            values.get("effect_measure") not in measures
            or all(compare[bound](number) for number in _numbers(values, *_ESTIMATE) for bound in bounds)
        ),
    )


def _ordered(values: Values) -> bool:
    numbers = _numbers(values, "ci_low", "effect_value", "ci_high")
    return numbers == sorted(numbers)


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
        Reference(
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
        Text(name="origin_quote", label="Quote", help=QUOTE_HELP, max_length=QUOTE_LENGTH, multiline=True),
        Text(
            name="origin_quote_prefix",
            label="Words before",
            help=PREFIX_HELP,
            max_length=CONTEXT_LENGTH,
            multiline=True,
            exact=True,
        ),
        Text(
            name="origin_quote_suffix",
            label="Words after",
            help=SUFFIX_HELP,
            max_length=CONTEXT_LENGTH,
            multiline=True,
            exact=True,
        ),
    ),
    rules=(
        needs("origin_quote", "origin_study_id", "Choose the study or article that the quote is from."),
        needs("origin_section", "origin_study_id", "Choose the study or article that the section is in."),
        needs("origin_quote_prefix", "origin_quote", "Words before a quote need the quote."),
        needs("origin_quote_suffix", "origin_quote", "Words after a quote need the quote."),
    ),
)

STUDY = Schema(
    noun="study",
    fields=(
        Text(name="title", label="Title", required=True, max_length=1000),
        Lines(
            name="authors",
            label="Authors",
            help="One per line, family name first: “Goebel, A”. A group is written as it is called.",
            max_length=20_000,
        ),
        Whole(name="year", label="Year", help="Of publication.", low=1500, high=2100, plain=True),
        Text(
            name="journal", label="Journal", help="Journal, preprint server, meeting or site.", max_length=300
        ),
        Text(name="volume", label="Volume", max_length=50),
        Text(name="issue", label="Issue", max_length=50),
        Text(name="pages", label="Pages", help="First and last page, or the article number.", max_length=50),
        Identifier(
            name="doi",
            label="DOI",
            help="Such as 10.1172/JCI144201; a doi.org address will do.",
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
            help="Of a registered trial or review, such as NCT05643794.",
            normalise=identifiers.normalise_registry_id,
            sql="length(registry_id) BETWEEN 5 AND 40 AND registry_id = upper(registry_id) "
            "AND registry_id NOT LIKE '% %'",
            max_length=40,
        ),
        Choice(name="design", label="Design", help="How the study was done.", terms=StudyDesign),
        Choices(name="species", label="Species", help="In whom the outcome was measured.", terms=Species),
        Choice(
            name="publication_state",
            label="Publication state",
            help="How far the study has come on its way to print.",
            required=True,
            terms=PublicationState,
        ),
        Name(
            name="group",
            label="Study group",
            help="A name shared by reports of the same participants, animals, serum donors or laboratory: "
            "together they are one line of evidence.",
            max_length=200,
        ),
        Reference(
            name="version_of_id",
            label="Published version",
            help="Of a preprint: the study that it became, such as STU-14.",
            record_type=RecordType.STUDY,
        ),
        Choice(
            name="standing",
            label="Standing",
            help="Whether the scientific record still stands behind the study.",
            required=True,
            terms=Standing,
        ),
        Date(name="standing_date", label="Date of the notice", help="Year-month-day, such as 2026-11-23."),
        Text(name="standing_reason", label="Reason of the notice", max_length=1000),
        Identifier(
            name="standing_notice_doi",
            label="DOI of the notice",
            help="The notice's own DOI, not the study's.",
            normalise=identifiers.normalise_doi,
            sql="standing_notice_doi LIKE '10.%/_%' AND standing_notice_doi = lower(standing_notice_doi) "
            "AND standing_notice_doi NOT LIKE '% %'",
        ),
        Text(
            name="url",
            label="Address",
            help="Where the study can be read, if not at its DOI.",
            max_length=1000,
        ),
        Text(
            name="note",
            label="Note",
            help="What a reader should know about this report.",
            max_length=2000,
            multiline=True,
        ),
    ),
    rules=(
        Rule(
            name="url_is_web_address",
            field="url",
            sentence="Write a web address that begins with https:// or http://.",
            sql="url IS NULL OR (length(url) > 8 AND (substr(url, 1, 8) = 'https://' OR substr(url, 1, 7) = 'http://'))",
            holds=lambda values: (
                values.get("url") is None
                or (len(str(values["url"])) > 8 and str(values["url"]).startswith(("https://", "http://")))
            ),
        ),
    ),
)

EVIDENCE = Schema(
    noun="evidence item",
    fields=(
        Reference(
            name="study_id",
            label="Study",
            help="The report that says it, such as STU-14.",
            required=True,
            record_type=RecordType.STUDY,
        ),
        Choice(
            name="direction",
            label="Direction",
            help="What the result says about the claim.",
            required=True,
            terms=Direction,
        ),
        Choice(
            name="directness",
            label="Directness",
            help="Whether it is about the very population, exposure and outcome of the claim.",
            required=True,
            terms=Directness,
        ),
        Choice(name="hedge", label="Hedge", help="How firmly the authors put it.", terms=Hedge),
        Choice(
            name="risk_of_bias",
            label="Risk of bias",
            help="How likely the conduct of the study distorted this result.",
            required=True,
            terms=RiskOfBias,
        ),
        Text(
            name="summary",
            label="Summary",
            help="What was found, in plain words, with the numbers as printed.",
            max_length=2000,
            multiline=True,
        ),
        Choice(name="effect_measure", label="Effect measure", terms=EffectMeasure),
        Number(
            name="effect_value",
            label="Effect estimate",
            help="Such as 3.87.",
            low=-LARGEST_NUMBER,
            high=LARGEST_NUMBER,
        ),
        Number(name="ci_low", label="Interval from", low=-LARGEST_NUMBER, high=LARGEST_NUMBER),
        Number(name="ci_high", label="Interval to", low=-LARGEST_NUMBER, high=LARGEST_NUMBER),
        Number(
            name="ci_level",
            label="Level of the interval",
            help="In per cent; nearly always 95.",
            low=50,
            high=99.999,
        ),
        Text(
            name="p_value",
            label="P value",
            help="As printed, such as 0.04 or <0.001.",
            max_length=40,
            verify=p_number,
        ),
        Whole(name="n_cases", label="Cases", help="People with the condition.", low=0, high=LARGEST_COUNT),
        Whole(name="n_controls", label="Controls", help="People without it.", low=0, high=LARGEST_COUNT),
        Whole(name="n_animals", label="Animals", low=0, high=LARGEST_COUNT),
        Whole(
            name="n_donors",
            label="Serum donors",
            help="People whose serum or antibodies were given on.",
            low=0,
            high=LARGEST_COUNT,
        ),
        Choice(
            name="unit_of_analysis",
            label="Unit of analysis",
            help="What the numbers count.",
            terms=UnitOfAnalysis,
        ),
        Text(name="quote", label="Quote", help=QUOTE_HELP, max_length=QUOTE_LENGTH, multiline=True),
        Text(
            name="quote_prefix",
            label="Words before",
            help=PREFIX_HELP,
            max_length=CONTEXT_LENGTH,
            multiline=True,
            exact=True,
        ),
        Text(
            name="quote_suffix",
            label="Words after",
            help=SUFFIX_HELP,
            max_length=CONTEXT_LENGTH,
            multiline=True,
            exact=True,
        ),
        Text(
            name="locator",
            label="Locator",
            help="Where in the study it stands: abstract, results, table 2; and how much of it was read.",
            max_length=1000,
        ),
    ),
    rules=(
        needs("effect_value", "effect_measure", "Say on which scale the estimate is given."),
        needs("ci_low", "effect_measure", "Say on which scale the interval is given."),
        together("ci_low", "ci_high", "An interval has two ends; write both."),
        together("ci_low", "ci_level", "Say at which level the interval is given; nearly always 95."),
        Rule(
            name="interval_contains_estimate",
            field="ci_low",
            sentence="The interval must contain the estimate: from ≤ estimate ≤ to.",
            sql="(ci_low IS NULL OR ci_high IS NULL OR ci_low <= ci_high) "
            "AND (ci_low IS NULL OR effect_value IS NULL OR ci_low <= effect_value) "
            "AND (ci_high IS NULL OR effect_value IS NULL OR effect_value <= ci_high)",
            holds=_ordered,
        ),
        _measure_rule(
            "ratio_is_positive", RATIO_MEASURES, "A ratio (OR, RR, HR) is greater than 0.", "> 0", ""
        ),
        _measure_rule(
            "correlation_within_one",
            CORRELATION_MEASURES,
            "A correlation lies within -1 and 1.",
            ">= -1",
            "<= 1",
        ),
        _measure_rule(
            "auc_within_one",
            (EffectMeasure.AUC,),
            "An area under the curve lies within 0 and 1.",
            ">= 0",
            "<= 1",
        ),
        needs("quote_prefix", "quote", "Words before a quote need the quote."),
        needs("quote_suffix", "quote", "Words after a quote need the quote."),
    ),
)

LIMITATION = Schema(
    noun="limitation",
    fields=(
        Choice(name="kind", label="Kind", required=True, terms=LimitationKind),
        Choice(
            name="domain",
            label="Certainty domain",
            help="Which part of the certainty it bears on.",
            terms=CertaintyDomain,
        ),
        Text(
            name="text",
            label="Limitation",
            help="The weakness in one or two sentences.",
            required=True,
            max_length=1000,
            multiline=True,
        ),
        Text(
            name="quote",
            label="Quote that states it",
            help=QUOTE_HELP,
            max_length=QUOTE_LENGTH,
            multiline=True,
        ),
        Text(
            name="quote_prefix",
            label="Words before",
            help=PREFIX_HELP,
            max_length=CONTEXT_LENGTH,
            multiline=True,
            exact=True,
        ),
        Text(
            name="quote_suffix",
            label="Words after",
            help=SUFFIX_HELP,
            max_length=CONTEXT_LENGTH,
            multiline=True,
            exact=True,
        ),
    ),
    rules=(
        needs("quote_prefix", "quote", "Words before a quote need the quote."),
        needs("quote_suffix", "quote", "Words after a quote need the quote."),
    ),
)

STUDY_TEXT = Schema(
    noun="text",
    fields=(
        Text(
            name="label",
            label="What it is",
            help="Such as abstract, full text, or article.",
            required=True,
            max_length=100,
        ),
        Text(
            name="content",
            label="Text",
            help="Kept to check quotes against. It is never shown whole and never exported.",
            required=True,
            max_length=TEXT_LENGTH,
            multiline=True,
            exact=True,
        ),
    ),
)

TOPIC = Schema(
    noun="topic",
    fields=(
        Text(
            name="slug", label="Short name", help="As it stands in addresses.", required=True, max_length=80
        ),
        Text(name="name", label="Name", required=True, max_length=80),
        Text(name="definition", label="Definition", max_length=300),
    ),
    rules=(
        Rule(
            name="slug_form",
            field="slug",
            sentence="Use small letters, digits and hyphens only, such as passive-transfer.",
            sql="ltrim(slug, 'abcdefghijklmnopqrstuvwxyz0123456789-') = '' AND substr(slug, 1, 1) <> '-'",
            holds=lambda values: (
                values.get("slug") is None
                or (
                    str(values["slug"]).strip("abcdefghijklmnopqrstuvwxyz0123456789-") == ""
                    and str(values["slug"])[0] != "-"
                )
            ),
        ),
    ),
)


@dataclass(frozen=True)
class QuoteFields:
    """The names of the four fields that hold a quote on a record."""

    exact: str = "quote"
    prefix: str = "quote_prefix"
    suffix: str = "quote_suffix"
    check: str = "quote_check"


ORIGIN_QUOTE = QuoteFields("origin_quote", "origin_quote_prefix", "origin_quote_suffix", "origin_quote_check")
OWN_QUOTE = QuoteFields()
