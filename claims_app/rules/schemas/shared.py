"""What several records share: limits, quotes, and rules between two fields."""

from dataclasses import dataclass

from claims_app.rules.fields import Field, Rule, Schema, Text

QUOTE_LENGTH = 2000
CONTEXT_LENGTH = 200
REASON_LENGTH = 500

REVISION = Schema(
    noun="revision", fields=(Text(name="edit_summary", label="Reason", max_length=REASON_LENGTH),)
)
"""What somebody says of a change: the reason, which every revision has."""


@dataclass(frozen=True)
class QuoteFields:
    """The names of the four fields that hold a quote on a record."""

    exact: str = "quote"
    prefix: str = "quote_prefix"
    suffix: str = "quote_suffix"
    check: str = "quote_check"


ORIGIN_QUOTE = QuoteFields("origin_quote", "origin_quote_prefix", "origin_quote_suffix", "origin_quote_check")
OWN_QUOTE = QuoteFields()


def quote_fields(name: str, label: str) -> tuple[Field, ...]:
    """Return the fields of a quote: its exact words, and the words before and after it."""
    around = "Filled in automatically if the text is stored."
    return (
        Text(
            name=name,
            label=label,
            help="Word for word from the text, with the same spelling and punctuation.",
            max_length=QUOTE_LENGTH,
            multiline=True,
        ),
        Text(
            name=f"{name}_prefix",
            label="Words before",
            help=f"A few words directly before the quote. {around}",
            max_length=CONTEXT_LENGTH,
            multiline=True,
            exact=True,
        ),
        Text(
            name=f"{name}_suffix",
            label="Words after",
            help=f"A few words directly after the quote. {around}",
            max_length=CONTEXT_LENGTH,
            multiline=True,
            exact=True,
        ),
    )


def quote_rules(name: str) -> tuple[Rule, ...]:
    """Return the rules between the fields of a quote."""
    return (
        needs(f"{name}_prefix", name, "Enter the quote that follows these words."),
        needs(f"{name}_suffix", name, "Enter the quote that precedes these words."),
    )


def together(first: str, second: str, sentence: str) -> Rule:
    """Return the rule that both fields are filled in, or neither."""
    return Rule(
        name=f"{first}_with_{second}",
        field=second,
        sentence=sentence,
        sql=f"({first} IS NULL) = ({second} IS NULL)",
        holds=lambda values: (values.get(first) is None) == (values.get(second) is None),
    )


def needs(first: str, second: str, sentence: str) -> Rule:
    """Return the rule that the first field requires the second one."""
    return Rule(
        name=f"{first}_needs_{second}",
        field=second,
        sentence=sentence,
        sql=f"{first} IS NULL OR {second} IS NOT NULL",
        holds=lambda values: values.get(first) is None or values.get(second) is not None,
    )
