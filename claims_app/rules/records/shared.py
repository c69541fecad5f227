"""What several records have in common: limits, quotes, and rules between two fields."""

from dataclasses import dataclass

from claims_app.rules.fields import Field, Rule, Text

QUOTE_LENGTH = 2000
CONTEXT_LENGTH = 200
REASON_LENGTH = 500


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
    """Return the fields of a quote: its exact words, and those before and after it."""
    around = "Filled in by itself where the text is stored."
    return (
        Text(
            name=name,
            label=label,
            help="Word for word as it stands in the text: same spelling, same punctuation.",
            max_length=QUOTE_LENGTH,
            multiline=True,
        ),
        Text(
            name=f"{name}_prefix",
            label="Words before",
            help=f"The few words right before the quote. {around}",
            max_length=CONTEXT_LENGTH,
            multiline=True,
            exact=True,
        ),
        Text(
            name=f"{name}_suffix",
            label="Words after",
            help=f"The few words right after the quote. {around}",
            max_length=CONTEXT_LENGTH,
            multiline=True,
            exact=True,
        ),
    )


def quote_rules(name: str) -> tuple[Rule, ...]:
    """Return the rules between the fields of a quote."""
    return (
        needs(f"{name}_prefix", name, "Words before a quote need the quote."),
        needs(f"{name}_suffix", name, "Words after a quote need the quote."),
    )


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
