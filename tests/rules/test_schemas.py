"""The rules of the records: errors and their messages, and the same rules in the database."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, text

from claims_app.rules import schemas
from claims_app.rules.fields import (
    Choice,
    Choices,
    Date,
    Field,
    Identifier,
    Lines,
    Name,
    Names,
    Number,
    RecordReference,
    Schema,
    Text,
    WholeNumber,
)
from claims_app.rules.p_values import p_number
from claims_app.triggers import CURRENT

SCHEMAS = (schemas.CLAIM, schemas.STUDY, schemas.EVIDENCE, schemas.LIMITATION, schemas.TOPIC)
EVIDENCE = {"study_id": "STU-1", "direction": "supports", "directness": "direct", "risk_of_bias": "low"}
SAYS = {"summary": "Autoantibodies were higher in patients."}


def refusals(schema: Schema, **values: Any) -> dict[str, list[str]]:
    """Return the error messages by field."""
    return schema.clean(values)[1]


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"direction": "maybe"}, "direction", "use one of: supports, contradicts, null, inconclusive"),
        ({"direction": ""}, "direction", "Choose the finding."),
        ({"n_cases": "many"}, "n_cases", "Enter a whole number in digits, such as 44."),
        ({"n_cases": "-1"}, "n_cases", "Enter a whole number from 0 to 1,000,000,000."),
        ({"n_cases": "4.5"}, "n_cases", "Enter a whole number in digits"),
        ({"n_cases": True}, "n_cases", "Enter a whole number in digits"),
        (
            {"effect_value": "three"},
            "effect_value",
            "Enter a number in digits with a decimal point, such as 3.87",
        ),
        ({"effect_value": "3,87"}, "effect_value", "with a decimal point"),
        ({"effect_value": "nan"}, "effect_value", "Enter a number in digits"),
        ({"effect_value": float("inf")}, "effect_value", "Enter a number from"),
        ({"effect_value": "2"}, "effect_measure", "Choose the effect measure"),
        (
            {"effect_measure": "OR", "effect_value": "0"},
            "effect_value",
            "A ratio (OR, RR, HR) must be greater than 0.",
        ),
        (
            {"effect_measure": "r", "effect_value": "1.1"},
            "effect_value",
            "A correlation must be between -1 and 1.",
        ),
        (
            {"effect_measure": "AUC", "effect_value": "-0.1"},
            "effect_value",
            "An area under the curve must be between 0 and 1.",
        ),
        (
            {"effect_measure": "MD", "effect_value": "9", "ci_low": "1", "ci_high": "2", "ci_level": "95"},
            "ci_low",
            "The interval must contain the estimate",
        ),
        ({"effect_measure": "MD", "ci_low": "1", "ci_level": "95"}, "ci_high", "Enter both limits"),
        ({"effect_measure": "MD", "ci_low": "1", "ci_high": "2"}, "ci_level", "usually 95"),
        ({"p_value": "1.2"}, "p_value", "A p value must be between 0 and 1."),
        ({"p_value": "1e400"}, "p_value", "A p value must be between 0 and 1."),
        ({"p_value": "significant"}, "p_value", "Enter the p value as printed"),
        ({"events_cases": 3}, "n_cases", "Enter the number of people in this group."),
        ({"n_cases": 3, "events_cases": 4}, "events_cases", "There are more events than people"),
        ({"n_controls": 3, "sd_controls": 4}, "mean_controls", "Enter the mean"),
        ({"n_controls": 3, "mean_controls": 1, "sd_controls": -4}, "sd_controls", "Enter a number from 0"),
        ({"quote_prefix": "before"}, "quote", "Enter the quote that follows these words."),
        ({"colour": "blue"}, "colour", "Unknown field. The fields of an evidence item are: study_id"),
    ],
)
def test_an_invalid_evidence_item_has_an_error_at_the_field(
    values: dict[str, Any], field: str, sentence: str
) -> None:
    found = refusals(schemas.EVIDENCE, **{**EVIDENCE, **SAYS, **values})
    assert list(found) == [field]
    assert sentence in " ".join(found[field])


@pytest.mark.parametrize(
    "values",
    [
        SAYS,
        {"quote": "Autoantibodies were higher."},
        {"effect_measure": "OR", "effect_value": 2},
        {"effect_measure": "OR", "ci_low": 1, "ci_high": 2, "ci_level": 95},
        {"n_donors": 8},
        {"direction": "null", "summary": "No difference in IgG.", "n_cases": 40},
        {"direction": "null", "summary": "No difference.", "effect_measure": "MD"}
        | {"ci_low": -1, "ci_high": 1, "ci_level": 95},
    ],
)
def test_evidence_that_says_something_is_accepted(values: dict[str, Any]) -> None:
    assert refusals(schemas.EVIDENCE, **{**EVIDENCE, **values}) == {}


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, ["summary"]),
        ({"hedge": "stated", "locator": "Table 2", "p_value": "0.04"}, ["summary"]),
        ({"direction": "null", "n_cases": 40}, ["summary"]),
        ({"direction": "null", "summary": "No difference in IgG."}, ["n_cases"]),
        ({"direction": "null", "quote": "no difference"}, ["summary", "n_cases"]),
    ],
)
def test_evidence_with_nothing_but_a_finding_is_refused(values: dict[str, Any], fields: list[str]) -> None:
    assert list(refusals(schemas.EVIDENCE, **{**EVIDENCE, **values})) == fields


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"title": ""}, "title", "Enter a title."),
        ({"title": "\u200b"}, "title", "Enter a title."),
        ({"authors": 5}, "authors", "Enter a list of texts."),
        ({"title": "x" * 1001}, "title", "Use at most 1,000 characters; this has 1,001."),
        ({"year": "21"}, "year", "Enter a whole number from 1500 to 2100."),
        ({"year": "nineteen"}, "year", "such as 2021"),
        ({"doi": "no doi"}, "doi", "Enter a DOI such as"),
        ({"url": "javascript:alert(1)"}, "url", "Enter a web address"),
        ({"standing_date": "yesterday"}, "standing_date", "Enter a date as year-month-day"),
        ({"species": ["human", "unicorn"]}, "species", "use one of: human"),
        ({"version_of_id": "CLM-1"}, "version_of_id", "such as STU-14"),
    ],
)
def test_an_invalid_study_has_an_error_at_the_field(
    values: dict[str, Any], field: str, sentence: str
) -> None:
    good = {"title": "T", "publication_state": "published", "standing": "current"}
    found = refusals(schemas.STUDY, **{**good, **values})
    assert list(found) == [field]
    assert sentence in " ".join(found[field])


def test_single_line_text_is_joined_into_one_line() -> None:
    values, _ = schemas.CLAIM.clean(
        {"statement": " pasted\r\n from a   page ", "kind": "mechanism", "status": "draft"}
    )
    assert values["statement"] == "pasted from a page"


def test_the_words_around_a_quote_keep_their_blanks() -> None:
    values, _ = schemas.LIMITATION.clean(
        {"kind": "other", "text": "t", "quote": "q", "quote_prefix": "before\r\n "}
    )
    assert values["quote_prefix"] == "before\n "


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("0.04", 0.04),
        ("P<0.001", 0.001),
        ("p = .035", 0.035),
        ("≤ 0.05", 0.05),
        ("2.1e-5", 2.1e-5),
        ("p=2.1×10−5", 2.1e-5),
        ("0,03", 0.03),
        ("1", 1),
        ("0", 0),
    ],
)
def test_p_values_are_read_as_printed(printed: str, number: float) -> None:
    assert p_number(printed) == pytest.approx(number)


# ---- Each rule in Python and in the database: both accept and refuse the same values.


def raw_values(field: Field) -> st.SearchStrategy[Any]:
    """Return valid and invalid values for a field."""
    match field:
        case Choice():
            return st.sampled_from([None, *field.terms.values()])
        case WholeNumber():
            return (
                st.none()
                | st.integers(field.low - 2, field.low + 2)
                | st.integers(field.high - 2, field.high + 2)
            )
        case Number():
            return st.none() | st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 49.9, 50, 95, 100])
        case Identifier():
            good = ["10.1172/jci144201", "34196305", "PMC8245181", "NCT05643794", "10.1172/JCI É", "PMC0", ""]
            return st.none() | st.sampled_from(good)
        case Text():
            return st.none() | st.text(alphabet="a \nÄ'|", max_size=5) | st.just("x" * field.max_length)
        case RecordReference():
            return st.none() | st.just(1)
    return st.none()


def stored_fields(schema: Schema) -> Iterator[Field]:
    """Yield the fields that are columns of the table of the record."""
    for field in schema.fields:
        if not isinstance(field, Names | Choices | Name):
            yield field


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Connection]:
    """A connection to an empty database, used only to evaluate SQL."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def holds_in_sql(connection: Connection, schema: Schema, values: dict[str, Any]) -> bool:
    """Whether the database would accept `values`: no CHECK is false (unknown passes, as in SQL)."""
    columns = ", ".join(f":{name} AS {name}" for name in values)
    checks = " AND ".join(f"(({check.sql}) IS NOT FALSE)" for check in schema.checks())
    return bool(connection.scalar(text(f"SELECT {checks} FROM (SELECT {columns})"), values))


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.noun)
@given(data=st.data())
def test_what_python_accepts_the_database_accepts(
    schema: Schema, sqlite: Connection, data: st.DataObject
) -> None:
    raw = {field.name: data.draw(raw_values(field), field.name) for field in stored_fields(schema)}
    values, errors = schema.clean(raw)
    if not errors:
        stored = {
            name: str(value) if isinstance(schema.field(name), Date) and value else value
            for name, value in values.items()
            if name in raw
        }
        assert holds_in_sql(sqlite, schema, stored)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.noun)
@given(data=st.data())
def test_what_a_rule_between_fields_refuses_the_database_refuses(
    schema: Schema, sqlite: Connection, data: st.DataObject
) -> None:
    raw = {field.name: data.draw(raw_values(field), field.name) for field in stored_fields(schema)}
    values = {}
    for field in stored_fields(schema):
        try:
            values[field.name] = field.clean(raw[field.name])
        except ValueError:
            values[field.name] = None
    columns = ", ".join(f":{name} AS {name}" for name in values)
    for rule in (*schema.rules, *schema.later_rules):
        in_sql = sqlite.scalar(text(f"SELECT ({rule.sql}) IS NOT FALSE FROM (SELECT {columns})"), values)
        assert bool(in_sql) == rule.holds(values), rule.name


@given(data=st.data())
def test_the_triggers_for_new_evidence_refuse_what_its_later_rules_refuse(
    sqlite: Connection, data: st.DataObject
) -> None:
    fields = [f for f in stored_fields(schemas.EVIDENCE) if f.name not in ("locator", "quote_suffix")]
    values = {field.name: None for field in fields}
    for field in fields:
        with suppress(ValueError):
            values[field.name] = field.clean(data.draw(raw_values(field), field.name))
    values["direction"] = values["direction"] or "supports"
    names = ("new_evidence_says_something", "new_null_evidence_is_explained")
    triggers = [trigger for trigger in CURRENT.rules if trigger.name in names]
    refused = " OR ".join(f"({trigger.when})" for trigger in triggers)
    columns = ", ".join(f":{name} AS {name}" for name in values)
    in_sql = sqlite.scalar(text(f"SELECT {refused} FROM (SELECT {columns}) AS NEW"), values)
    assert bool(in_sql) == any(not rule.holds(values) for rule in schemas.EVIDENCE.later_rules)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.noun)
@given(data=st.data())
def test_cleaning_is_idempotent(schema: Schema, data: st.DataObject) -> None:
    raw = {field.name: data.draw(raw_values(field), field.name) for field in stored_fields(schema)}
    values, errors = schema.clean(raw)
    if not errors:
        assert schema.clean(values) == (values, {})


@given(st.text(max_size=50))
def test_any_text_is_accepted_or_raises_a_value_error(anything: str) -> None:
    for schema in SCHEMAS:
        for field in schema.fields:
            with suppress(ValueError):
                field.clean(anything)


def test_lines_are_a_list_of_tidy_lines() -> None:
    field = schemas.STUDY.field("authors")
    assert isinstance(field, Lines)
    assert field.clean(" Goebel,  A \r\n\r\nKrock, E") == "Goebel, A\nKrock, E"
    assert field.clean(["Goebel, A", "Krock, E"]) == "Goebel, A\nKrock, E"
