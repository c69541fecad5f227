"""Template filters and globals. They only format and look up values; none of them runs a query."""

import datetime
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request

from claims_app import vocabulary
from claims_app.models import EvidenceItem, Revision, Study
from claims_app.permissions import Permission
from claims_app.rules.appraisal.body import Finding
from claims_app.rules.appraisal.phrasing import signed
from claims_app.rules.arms import NUMBERS, arms_of, disagreement
from claims_app.rules.identifiers import public_id
from claims_app.rules.overlap import without_orcid
from claims_app.services.pages.study_rows import StudyRow
from claims_app.vocabulary import EffectMeasure
from claims_app.web.access import may_ever
from claims_app.web.charts.balance_bar import balance_bar
from claims_app.web.record_links import address_around, address_of, address_of_name, edit_address
from claims_app.web.return_address import login_address
from claims_app.web.search_marks import marked, pieces_marked


def day(value: datetime.date | datetime.datetime | None) -> str:
    """Return a date as 23 November 2026 (UTC)."""
    return f"{value.day} {value:%B %Y}" if value else ""


def minute(value: datetime.datetime) -> str:
    """Return a time as 23 November 2026, 05:07 UTC."""
    return f"{day(value)}, {value:%H:%M} UTC"


def rfc3339(value: datetime.datetime) -> str:
    """Return a time for feeds (RFC 3339), such as 2026-11-23T05:07:09Z."""
    return f"{value.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"


def number(value: float | None) -> str:
    """Return a number in its shortest exact form, with a typographic minus sign."""
    return "" if value is None else repr(value).removesuffix(".0").replace("-", "\N{MINUS SIGN}")


def plural(count: int, noun: str, nouns: str = "") -> str:
    """Return a count with its noun, such as “1 claim” or “1,024 claims”; `nouns` is an irregular plural."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def effect(item: EvidenceItem) -> str:
    """Return the effect estimate of an evidence item, such as “OR 3.87 (95% CI 1.54 to 10.13), P 0.04”."""
    parts = []
    if item.effect_measure and (item.effect_value is not None or item.ci_low is not None):
        if item.effect_measure is EffectMeasure.PERCENT:
            parts.append(f"{number(item.effect_value)}%" if item.effect_value is not None else "per cent")
        else:
            label = (
                item.effect_measure.value if item.effect_measure is not EffectMeasure.OTHER else "estimate"
            )
            parts.append(f"{label} {number(item.effect_value)}".strip())
        if item.ci_low is not None:
            parts[-1] += f" ({number(item.ci_level)}% CI {number(item.ci_low)} to {number(item.ci_high)})"
    if item.p_value:
        printed = (
            item.p_value
            if item.p_value[:1].lower() == "p"
            else f"p {'' if item.p_value[0] in '<>=≤≥' else '= '}{item.p_value}"
        )
        parts.append(printed)
    return ", ".join(parts)


def counts(item: EvidenceItem | Finding) -> list[tuple[str, int, str]]:
    """Return the sample sizes of an evidence item: label, number, and what was found in the group.

    The two groups are called as in studies of its design, such as “intervention” and “control” in a trial.
    """
    arms = arms_of(item.study.design if isinstance(item, EvidenceItem) else item.design)
    named = (
        (arms.first.short, item.n_cases, _found(item.events_cases, item.mean_cases, item.sd_cases)),
        (
            arms.second.short,
            item.n_controls,
            _found(item.events_controls, item.mean_controls, item.sd_controls),
        ),
        ("animals", item.n_animals, ""),
        ("serum donors", item.n_donors, ""),
    )
    return [(label, value, found) for label, value, found in named if value is not None]


def _found(events: int | None, mean: float | None, sd: float | None) -> str:
    """Return what was found in a group, such as “12 with the event; mean 4.2 (SD 1.1)”."""
    parts = [] if events is None else [f"{events:,} with the event"]
    if mean is not None:
        parts.append(f"mean {number(mean)}" + (f" (SD {number(sd)})" if sd is not None else ""))
    return "; ".join(parts)


def check_of_arms(item: EvidenceItem) -> str | None:
    """Return a sentence if the estimate of an evidence item differs from the one that its groups give."""
    return disagreement({name: getattr(item, name) for name in NUMBERS})


def authors(study: Study | StudyRow) -> str:
    """Return the first six authors of a study in one line with a full stop, or an empty string."""
    listed = [author(name) for name in study.author_list]
    text = ", ".join(listed[:6]) + (" et al." if len(listed) > 6 else "")
    return text if not text or text.endswith(".") else f"{text}."


def author(name: str) -> str:
    """Return the name of an author without ORCID iD and comma."""
    return without_orcid(name).replace(",", "")


def source(study: Study | StudyRow) -> str:
    """Return the journal, year, volume, issue and pages of a study as one reference."""
    text = " ".join(part for part in (study.journal, str(study.year) if study.year else None) if part)
    if study.volume or study.issue:
        text += f";{study.volume or ''}" + (f"({study.issue})" if study.issue else "")
    if study.pages:
        text += f":{study.pages}"
    return text


def record_name(revision: Revision) -> str:
    """Return the public identifier of the record that a revision belongs to."""
    return public_id(revision.record_type, revision.record_id)


def with_query(pairs: Sequence[tuple[str, str]], **more: Any) -> str:
    """Return the query string for `pairs` and `more` with its question mark, or an empty string."""
    query = urlencode([*pairs, *((name, value) for name, value in more.items() if value is not None)])
    return f"?{query}" if query else ""


def here() -> str:
    """Return the address of this page, for its forms. Without an action, a form would also send to the fragment.

    The answer would then be shown from there, and not from its errors on.
    """
    return "/" + request.full_path.removesuffix("?").lstrip("/")  # never the address of another host


def register(app: Flask) -> None:
    """Register the filters and globals with `app`."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    for function in (
        day,
        minute,
        rfc3339,
        number,
        plural,
        effect,
        counts,
        check_of_arms,
        author,
        authors,
        balance_bar,
        source,
        record_name,
        signed,
        with_query,
        marked,
        pieces_marked,
    ):
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.globals.update(
        address_around=address_around,
        address_of=address_of,
        address_of_name=address_of_name,
        edit_address=edit_address,
        here=here,
        vocabulary=vocabulary,
        Permission=Permission,
        may=may_ever,
        login_address=login_address,
        settings=app.extensions["claims_settings"],
    )
