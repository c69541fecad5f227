"""The fields of an appraisal, and the rules between them.

The fields are what an appraiser decides. What follows from them (the starting level, the computed
level) is derived by `rules.appraisal`; the constraints of `outcome_checks` enforce the arithmetic in
the database.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from claims_app.rules.appraisal.domains import DOMAINS, DomainRule
from claims_app.rules.fields import Check, Choice, Field, Rule, Schema, Text, Values, WholeNumber
from claims_app.vocabulary import Conclusion, EvidenceLevel, RiskOfBiasTool

APPRAISAL_REASON_LENGTH = 2000

_CONFOUNDING_TOOLS = ", ".join(f"'{tool.value}'" for tool in RiskOfBiasTool if tool.judges_confounding)
_HAS_CONFOUNDING_TOOL = f"COALESCE(risk_of_bias_tool, '') IN ({_CONFOUNDING_TOOLS})"
_NAMES = tuple(rule.domain.value for rule in DOMAINS)
_DOWN = " OR ".join(f"{rule.domain.value} < 0" for rule in DOMAINS if not rule.domain.rates_up)
_UP = " OR ".join(f"{rule.domain.value} > 0" for rule in DOMAINS if rule.domain.rates_up)


def _has_confounding_tool(values: Values) -> bool:
    tool = values.get("risk_of_bias_tool")
    return isinstance(tool, RiskOfBiasTool) and tool.judges_confounding


def _change(values: Values, name: str) -> int:
    value = values.get(name)
    return value if isinstance(value, int) else 0


@dataclass(frozen=True, kw_only=True)
class DomainChange(WholeNumber):
    """By how many levels a domain lowers or raises the certainty.

    An empty field is a question that is not answered yet, and never “no change”. Which questions need an answer
    depends on the evidence (`rules.appraisal.judgement`); the database keeps no appraisal with an empty one.
    """


def _domain_fields(rule: DomainRule) -> tuple[Field, Field]:
    return (
        DomainChange(
            name=rule.domain.value,
            label=rule.domain.label,
            help=rule.question,
            low=rule.lowest,
            high=rule.highest,
            plain=True,
        ),
        Text(
            name=f"{rule.domain.value}_reason",
            label=f"Reason for {rule.domain.label.lower()}",
            help="What in the evidence supports this answer. Required if it changes the level or differs from the "
            "advice.",
            max_length=APPRAISAL_REASON_LENGTH,
            multiline=True,
        ),
    )


def _moved_needs_reason(name: str, label: str) -> Rule:
    return Rule(
        name=f"{name}_needs_reason",
        field=f"{name}_reason",
        sentence=f"{label} changes the level. Enter a reason.",
        sql=f"{name} = 0 OR {name}_reason IS NOT NULL",
        holds=lambda values: not _change(values, name) or values.get(f"{name}_reason") is not None,
    )


APPRAISAL = Schema(
    noun="appraisal",
    fields=(
        Choice(
            name="risk_of_bias_tool",
            label="Risk-of-bias tool",
            help="The published tool that the studies were judged with, if any. With ROBINS-I (interventions) or "
            "ROBINS-E (exposures), non-randomised evidence starts at high, because they also judge confounding.",
            terms=RiskOfBiasTool,
        ),
        *(field for rule in DOMAINS for field in _domain_fields(rule)),
        Text(
            name="rate_up_reason",
            label="Why rate up despite downgrades",
            help="GRADE normally rates up only evidence that was not rated down. If you do both, explain why.",
            max_length=APPRAISAL_REASON_LENGTH,
            multiline=True,
        ),
        Choice(
            name="conclusion",
            label="Conclusion",
            help="What the evidence says about the claim. The level is the certainty of this.",
            terms=Conclusion,
        ),
        Text(
            name="conclusion_reason",
            label="Reason for conclusion",
            help="Required if the conclusion differs from the proposed one.",
            max_length=APPRAISAL_REASON_LENGTH,
            multiline=True,
        ),
        Choice(
            name="level",
            label="Evidence level",
            help="Leave unchanged to accept the computed level. A different level requires a reason.",
            terms=EvidenceLevel,
        ),
        Text(
            name="override_reason",
            label="Reason for override",
            help="Shown wherever the level is explained: “Computed low, set to moderate because: …”.",
            max_length=APPRAISAL_REASON_LENGTH,
            multiline=True,
        ),
        Text(
            name="rationale",
            label="Plain-language summary",
            help="The judgement in one or two sentences, for readers.",
            max_length=APPRAISAL_REASON_LENGTH,
            multiline=True,
        ),
    ),
    rules=(
        *(_moved_needs_reason(rule.domain.value, rule.domain.label) for rule in DOMAINS),
        Rule(
            name="three_levels_need_tool",
            field="risk_of_bias",
            sentence="Three levels for risk of bias require ROBINS-I or ROBINS-E, which also judge confounding.",
            sql=f"risk_of_bias > -3 OR {_HAS_CONFOUNDING_TOOL}",
            holds=lambda values: _change(values, "risk_of_bias") > -3 or _has_confounding_tool(values),
        ),
        Rule(
            name="tool_needs_reason",
            field="risk_of_bias_reason",
            sentence="With ROBINS-I or ROBINS-E the evidence starts at high. Enter what the tool showed.",
            sql=f"NOT ({_HAS_CONFOUNDING_TOOL}) OR risk_of_bias_reason IS NOT NULL",
            holds=lambda values: (
                not _has_confounding_tool(values) or values.get("risk_of_bias_reason") is not None
            ),
        ),
        Rule(
            name="up_and_down_needs_reason",
            field="rate_up_reason",
            sentence="The evidence is rated down as well. Explain why it is rated up regardless.",
            sql=f"NOT ({_DOWN}) OR NOT ({_UP}) OR rate_up_reason IS NOT NULL",
            holds=lambda values: (
                not any(_change(values, name) < 0 for name in _NAMES)
                or not any(_change(values, name) > 0 for name in _NAMES)
                or values.get("rate_up_reason") is not None
            ),
        ),
        Rule(
            name="level_is_a_level",
            field="level",
            sentence="An appraisal cannot end in “not assessed”. Choose a level, or leave the computed one.",
            sql="level <> 'not_assessed'",
            holds=lambda values: values.get("level") is not EvidenceLevel.NOT_ASSESSED,
        ),
    ),
)


def outcome_checks() -> Iterator[Check]:
    """Yield the constraints on the derived columns: the arithmetic, and a reason for every override."""
    total = " + ".join(_NAMES)
    raw = f"({_rank('start_level')} + {total})"
    limited = f"CASE WHEN {raw} < 1 THEN 1 WHEN {raw} > 4 THEN 4 ELSE {raw} END"
    yield Check(
        "computed_as_published",
        f"{_rank('computed_level')} = {limited}",
        "computed_level",
        "The computed level must equal the starting level plus the changes of the domains.",
    )
    yield Check(
        "no_silent_override",
        "(level = computed_level) = (override_reason IS NULL)",
        "override_reason",
        "A level that differs from the computed one requires a reason; the computed level takes none.",
    )
    for rule in DOMAINS:
        name = rule.domain.value
        yield Check(
            f"{name}_departs_with_reason",
            # Appraisals from before the advice was kept have none.
            f"{name}_advice IS NULL OR {name} = {name}_advice OR {name}_reason IS NOT NULL",
            f"{name}_reason",
            f"An answer for {rule.domain.label.lower()} that differs from the advice requires a reason.",
        )
    yield Check(
        "conclusion_departs_with_reason",
        "conclusion = proposed_conclusion OR conclusion_reason IS NOT NULL",
        "conclusion_reason",
        "A conclusion that differs from the proposed one requires a reason.",
    )
    yield Check(
        "derived_is_proposed",
        "NOT conclusion_derived OR conclusion = proposed_conclusion",
        "conclusion",
        "A derived conclusion is the proposed one.",
    )
    yield Check(
        "randomised_is_not_rated_up",
        f"may_rate_up OR NOT ({_UP})",
        "large_effect",
        "Only non-randomised evidence can be rated up.",
    )
    yield Check(
        "translated_is_indirect",
        "NOT translated OR indirectness < 0",
        "indirectness",
        "Animal experiments are used as evidence about people here. Rate down for indirectness.",
    )


def _rank(column: str) -> str:
    cases = " ".join(f"WHEN '{level.value}' THEN {level.rank}" for level in EvidenceLevel if level.rank)
    return f"CASE {column} {cases} END"
