"""The fields of an appraisal, and the rules between them.

What an appraiser decides is a field here; what follows from it (the starting level, the computed
level) is worked out by `rules.appraisal`, and the database holds the arithmetic with the constraints
of `outcome_checks`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from claims_app.rules.appraisal.domains import DOMAINS, DomainRule
from claims_app.rules.fields import Check, Choice, Field, Rule, Schema, Text, Values, WholeNumber
from claims_app.vocabulary import EvidenceLevel, RiskOfBiasTool

APPRAISAL_REASON_LENGTH = 2000

_CONFOUNDING_TOOLS = ", ".join(f"'{tool.value}'" for tool in RiskOfBiasTool if tool.judges_confounding)
_HAS_CONFOUNDING_TOOL = f"COALESCE(risk_of_bias_tool, '') IN ({_CONFOUNDING_TOOLS})"
_NAMES = tuple(rule.domain.value for rule in DOMAINS)
_DOWN = " OR ".join(f"{rule.domain.value} < 0" for rule in DOMAINS if not rule.domain.rates_up)
_UP = " OR ".join(f"{rule.domain.value} > 0" for rule in DOMAINS if rule.domain.rates_up)


def _has_confounding_tool(values: Values) -> bool:
    tool = values.get("risk_of_bias_tool")
    return isinstance(tool, RiskOfBiasTool) and tool.judges_confounding


def _move(values: Values, name: str) -> int:
    value = values.get(name)
    return value if isinstance(value, int) else 0


@dataclass(frozen=True, kw_only=True)
class DomainChange(WholeNumber):
    """By how many levels a domain moves the certainty; an empty field is no move."""

    def clean(self, raw: object) -> object:
        return super().clean(raw) or 0


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
            help="What in the evidence made you choose this. Needed as soon as the choice moves the level.",
            max_length=APPRAISAL_REASON_LENGTH,
            multiline=True,
        ),
    )


def _moved_needs_reason(name: str, label: str) -> Rule:
    return Rule(
        name=f"{name}_needs_reason",
        field=f"{name}_reason",
        sentence=f"{label} moves the level, so give the reason.",
        sql=f"{name} = 0 OR {name}_reason IS NOT NULL",
        holds=lambda values: not _move(values, name) or values.get(f"{name}_reason") is not None,
    )


APPRAISAL = Schema(
    noun="appraisal",
    fields=(
        Choice(
            name="risk_of_bias_tool",
            label="Tool for risk of bias",
            help="If the studies were judged with a published tool. ROBINS-I (of treatments) and ROBINS-E (of "
            "exposures) let non-randomised evidence begin high, since they judge confounding as well.",
            terms=RiskOfBiasTool,
        ),
        *(field for rule in DOMAINS for field in _domain_fields(rule)),
        Text(
            name="rate_up_reason",
            label="Reason for rating up all the same",
            help="GRADE rates up only what was not rated down. If you do both, say why.",
            max_length=APPRAISAL_REASON_LENGTH,
            multiline=True,
        ),
        Choice(
            name="level",
            label="Evidence level",
            help="Leave this as it is to take the computed level. Another one overrides it, and needs a reason.",
            terms=EvidenceLevel,
        ),
        Text(
            name="override_reason",
            label="Reason for the override",
            help="Shown wherever the level is explained: “computed low, set to moderate because …”.",
            max_length=APPRAISAL_REASON_LENGTH,
            multiline=True,
        ),
        Text(
            name="rationale",
            label="In sum",
            help="The judgement in a sentence or two, for readers.",
            max_length=APPRAISAL_REASON_LENGTH,
            multiline=True,
        ),
    ),
    rules=(
        *(_moved_needs_reason(rule.domain.value, rule.domain.label) for rule in DOMAINS),
        Rule(
            name="three_levels_need_tool",
            field="risk_of_bias",
            sentence="Three levels for risk of bias need ROBINS-I or ROBINS-E, which judge confounding as well.",
            sql=f"risk_of_bias > -3 OR {_HAS_CONFOUNDING_TOOL}",
            holds=lambda values: _move(values, "risk_of_bias") > -3 or _has_confounding_tool(values),
        ),
        Rule(
            name="tool_needs_reason",
            field="risk_of_bias_reason",
            sentence="ROBINS-I and ROBINS-E let the evidence begin high, so say what they showed.",
            sql=f"NOT ({_HAS_CONFOUNDING_TOOL}) OR risk_of_bias_reason IS NOT NULL",
            holds=lambda values: (
                not _has_confounding_tool(values) or values.get("risk_of_bias_reason") is not None
            ),
        ),
        Rule(
            name="up_and_down_needs_reason",
            field="rate_up_reason",
            sentence="Something is rated down, so say why the evidence is rated up all the same.",
            sql=f"NOT ({_DOWN}) OR NOT ({_UP}) OR rate_up_reason IS NOT NULL",
            holds=lambda values: (
                not any(_move(values, name) < 0 for name in _NAMES)
                or not any(_move(values, name) > 0 for name in _NAMES)
                or values.get("rate_up_reason") is not None
            ),
        ),
        Rule(
            name="level_is_a_level",
            field="level",
            sentence="Not assessed is no result of an appraisal; choose a level, or leave the computed one.",
            sql="level <> 'not_assessed'",
            holds=lambda values: values.get("level") is not EvidenceLevel.NOT_ASSESSED,
        ),
    ),
)


def outcome_checks() -> Iterator[Check]:
    """Yield the constraints on what follows from the fields: the arithmetic, and that no override is silent."""
    total = " + ".join(_NAMES)
    raw = f"({_rank('start_level')} + {total})"
    limited = f"CASE WHEN {raw} < 1 THEN 1 WHEN {raw} > 4 THEN 4 ELSE {raw} END"
    yield Check(
        "computed_as_published",
        f"{_rank('computed_level')} = {limited}",
        "computed_level",
        "The computed level is the starting level and the moves of the domains.",
    )
    yield Check(
        "no_silent_override",
        "(level = computed_level) = (override_reason IS NULL)",
        "override_reason",
        "Another level than the computed one needs a reason, and the computed one has none.",
    )
    yield Check(
        "randomised_is_not_rated_up",
        f"may_rate_up OR NOT ({_UP})",
        "large_effect",
        "Only non-randomised evidence is rated up.",
    )
    yield Check(
        "translated_is_indirect",
        "NOT translated OR indirectness < 0",
        "indirectness",
        "Experiments with animals stand for people here: rate indirectness down.",
    )


def _rank(column: str) -> str:
    cases = " ".join(f"WHEN '{level.value}' THEN {level.rank}" for level in EvidenceLevel if level.rank)
    return f"CASE {column} {cases} END"
