"""What an evidence item has to say besides its direction, so that others can check it."""

from claims_app.rules.fields import Rule, Values
from claims_app.vocabulary import Direction

COUNTS = ("n_cases", "n_controls", "n_animals", "n_donors")
"""The numbers of people, animals and donors."""

_SAYS_SOMETHING = ("summary", "quote", "effect_value", "ci_low", *COUNTS)
_SAYS_HOW_MANY = (*COUNTS, "ci_low")


def _has_any(values: Values, names: tuple[str, ...]) -> bool:
    return any(values.get(name) is not None for name in names)


def _any_in_sql(names: tuple[str, ...]) -> str:
    return " OR ".join(f"{name} IS NOT NULL" for name in names)


def _is_null(values: Values) -> bool:
    return values.get("direction") == Direction.NULL


STATEMENT_RULES = (
    Rule(
        name="evidence_says_something",
        field="summary",
        sentence="Enter a summary, a quote or a number (an effect estimate or a count). A finding alone cannot be "
        "checked.",
        sql=_any_in_sql(_SAYS_SOMETHING),
        holds=lambda values: _has_any(values, _SAYS_SOMETHING),
    ),
    Rule(
        name="null_says_what",
        field="summary",
        sentence="For a null finding, say in the summary what was looked for.",
        sql=f"direction IS NULL OR direction <> '{Direction.NULL.value}' OR summary IS NOT NULL",
        holds=lambda values: not _is_null(values) or values.get("summary") is not None,
    ),
    Rule(
        name="null_says_how_many",
        field="n_cases",
        sentence="For a null finding, enter how many people, animals or donors were studied, or the interval.",
        sql=f"direction IS NULL OR direction <> '{Direction.NULL.value}' OR {_any_in_sql(_SAYS_HOW_MANY)}",
        holds=lambda values: not _is_null(values) or _has_any(values, _SAYS_HOW_MANY),
    ),
)
"""Rules for evidence that is added or changed. Older items without a statement are kept as they are."""
