"""The fields of an evidence item and of a limitation, and the rules between them."""

from claims_app.rules.fields import (
    Choice,
    Field,
    Number,
    RecordReference,
    Rule,
    Schema,
    Text,
    Values,
    WholeNumber,
)
from claims_app.rules.p_values import p_number
from claims_app.rules.schemas.estimates import ESTIMATE_RULES
from claims_app.rules.schemas.shared import needs, quote_fields, quote_rules, together
from claims_app.rules.schemas.statements import STATEMENT_RULES
from claims_app.vocabulary import (
    CertaintyDomain,
    Direction,
    Directness,
    EffectMeasure,
    Hedge,
    LimitationKind,
    RecordType,
    RiskOfBias,
    UnitOfAnalysis,
)

LARGEST_COUNT = 10**9
LARGEST_NUMBER = 1e12


def _mean(group: str, label: str) -> tuple[Field, ...]:
    return (
        Number(name=f"mean_{group}", label=f"{label}: mean", low=-LARGEST_NUMBER, high=LARGEST_NUMBER),
        Number(name=f"sd_{group}", label=f"{label}: SD", low=0, high=LARGEST_NUMBER),
    )


def _group_rules(group: str) -> tuple[Rule, ...]:
    """Return the rules between the numbers of one of the two groups."""
    n, events = f"n_{group}", f"events_{group}"

    def holds(values: Values) -> bool:
        size, number = values.get(n), values.get(events)
        return not isinstance(size, int) or not isinstance(number, int) or number <= size

    return (
        needs(events, n, "Enter the number of people in this group."),
        needs(f"mean_{group}", n, "Enter the number of people in this group."),
        needs(f"sd_{group}", f"mean_{group}", "Enter the mean of this standard deviation."),
        Rule(
            name=f"{events}_within_{n}",
            field=events,
            sentence="There are more events than people in this group. Count people with at least one event.",
            sql=f"{events} IS NULL OR {n} IS NULL OR {events} <= {n}",
            holds=holds,
        ),
    )


EVIDENCE = Schema(
    noun="evidence item",
    fields=(
        RecordReference(
            name="study_id",
            label="Study",
            help="The report with the result.",
            required=True,
            record_type=RecordType.STUDY,
        ),
        Choice(
            name="direction",
            label="Finding",
            help="What the result says about the claim.",
            required=True,
            terms=Direction,
        ),
        Choice(
            name="directness",
            label="Directness",
            help="Does it match the claim’s population, exposure and outcome?",
            required=True,
            terms=Directness,
        ),
        Choice(name="hedge", label="Hedge", help="How firmly the authors state it.", terms=Hedge),
        Choice(
            name="risk_of_bias",
            label="Risk of bias",
            help="How likely it is that the conduct of the study distorted this result.",
            required=True,
            terms=RiskOfBias,
        ),
        Text(
            name="summary",
            label="Summary",
            help="The finding in plain language, with the numbers as printed.",
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
        Number(
            name="ci_low", label="Confidence interval: lower limit", low=-LARGEST_NUMBER, high=LARGEST_NUMBER
        ),
        Number(
            name="ci_high", label="Confidence interval: upper limit", low=-LARGEST_NUMBER, high=LARGEST_NUMBER
        ),
        Number(
            name="ci_level",
            label="Confidence interval: level",
            help="In per cent, usually 95.",
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
        WholeNumber(
            name="n_cases",
            label="Cases",
            help="People with the condition; in a trial, those assigned to the intervention; in a cohort, the exposed.",
            low=0,
            high=LARGEST_COUNT,
        ),
        WholeNumber(
            name="n_controls",
            label="Controls",
            help="People without the condition; in a trial, those assigned to the comparator; in a cohort, the "
            "unexposed.",
            low=0,
            high=LARGEST_COUNT,
        ),
        WholeNumber(name="n_animals", label="Animals", low=0, high=LARGEST_COUNT),
        WholeNumber(
            name="n_donors",
            label="Serum donors",
            help="Donors of transferred serum or antibodies.",
            low=0,
            high=LARGEST_COUNT,
        ),
        Choice(
            name="unit_of_analysis",
            label="Unit of analysis",
            help="What the numbers count.",
            terms=UnitOfAnalysis,
        ),
        Text(
            name="outcome",
            label="Outcome",
            help="What the events or means are, with unit and time, such as pain from 0 to 10 after 12 weeks.",
            max_length=300,
        ),
        WholeNumber(name="events_cases", label="Cases: events", low=0, high=LARGEST_COUNT),
        WholeNumber(name="events_controls", label="Controls: events", low=0, high=LARGEST_COUNT),
        *_mean("cases", "Cases"),
        *_mean("controls", "Controls"),
        *quote_fields("quote", "Quote"),
        Text(
            name="locator",
            label="Location",
            help="Where in the study the result is (abstract, results, table 2), and how much of the study was read.",
            max_length=1000,
        ),
    ),
    rules=(
        needs("effect_value", "effect_measure", "Choose the effect measure of the estimate."),
        needs("ci_low", "effect_measure", "Choose the effect measure of the interval."),
        together("ci_low", "ci_high", "Enter both limits of the interval."),
        together("ci_low", "ci_level", "Enter the level of the interval, usually 95."),
        *ESTIMATE_RULES,
        *_group_rules("cases"),
        *_group_rules("controls"),
        *quote_rules("quote"),
    ),
    later_rules=STATEMENT_RULES,
)

LIMITATION = Schema(
    noun="limitation",
    fields=(
        Choice(name="kind", label="Kind", required=True, terms=LimitationKind),
        Choice(
            name="domain",
            label="Certainty domain",
            help="The domain of certainty that the limitation affects.",
            terms=CertaintyDomain,
        ),
        Text(
            name="text",
            label="Limitation",
            help="The limitation in one or two sentences.",
            required=True,
            max_length=1000,
            multiline=True,
        ),
        *quote_fields("quote", "Supporting quote"),
    ),
    rules=(*quote_rules("quote"),),
)
