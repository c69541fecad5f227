"""The columns are a contract, taken from the design document; a change here breaks scripts."""

import re

import pytest

from claims_app.formats.columns import APPRAISALS, CLAIMS, EVIDENCE, EXPORTS, LIMITATIONS, STUDIES
from claims_app.formats.csv_writing import write
from claims_app.formats.delimited import Column, Kind, Profile
from claims_app.vocabulary import CertaintyDomain

HEADERS = {
    "claims": "claim_id,statement,kind,status,evidence_level,level_state,level_rationale,topics,population,"
    "exposure,comparator,outcome,limitations,n_supporting,n_contradicting,n_null,n_inconclusive,n_studies,"
    "n_independent_groups,newest_study_year,origin_study_id,origin_section,origin_quote,appraised_at,"
    "last_searched_at,version,created_at,updated_at,url,conclusion,origin_quote_check",
    "studies": "study_id,title,authors,year,journal,volume,issue,pages,doi,pmid,pmcid,registry_id,design,"
    "species,group,standing,standing_date,url,version,created_at,updated_at,publication_state,version_of_id,centre,"
    "data_from,data_to,standing_reason,standing_notice_doi,note",
    "evidence": "evidence_id,claim_id,study_id,direction,directness,hedge,study_level,risk_of_bias,summary,"
    "effect_measure,effect_value,ci_low,ci_high,ci_level,p_value,n_cases,n_controls,n_animals,n_donors,"
    "unit_of_analysis,quote,locator,quote_check,limitations,version,created_at,updated_at,url,outcome,events_cases,"
    "events_controls,mean_cases,sd_cases,mean_controls,sd_controls",
    "limitations": "limitation_id,claim_id,evidence_id,kind,domain,text,quote,quote_check",
    "appraisals": "appraisal_id,claim_id,scheme,scheme_version,start_level,risk_of_bias,inconsistency,indirectness,"
    "imprecision,publication_bias,large_effect,dose_response_gradient,opposing_confounding,computed_level,level,"
    "override_reason,rationale,evidence_ids,appraised_by,appraised_at,conclusion",
}

KINDS = {
    Kind.LIST: {"topics", "limitations", "authors", "species", "evidence_ids"},
    Kind.NUMBER: {
        *("effect_value", "ci_low", "ci_high", "ci_level"),
        *("mean_cases", "sd_cases", "mean_controls", "sd_controls"),
    },
    Kind.DATE: {"standing_date"},
    Kind.DATETIME: {"appraised_at", "last_searched_at", "created_at", "updated_at"},
    Kind.TEXT: {
        *("statement", "level_rationale", "population", "exposure", "comparator", "outcome"),
        *("origin_section", "origin_quote", "title", "journal", "volume", "issue", "pages", "doi", "pmid"),
        *("pmcid", "registry_id", "group", "summary", "p_value", "quote", "locator", "text"),
        *("override_reason", "rationale", "appraised_by"),
        *("centre", "standing_reason", "standing_notice_doi", "note"),
    },
}
ALL = [column for columns in EXPORTS.values() for column in columns]


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("profile", Profile)
def test_header_matches_the_design(profile: Profile, name: str) -> None:
    assert "".join(write(EXPORTS[name], [], profile=profile)) == HEADERS[name] + "\r\n"


def test_every_export_has_columns() -> None:
    assert dict(EXPORTS) == {
        "claims": CLAIMS,
        "studies": STUDIES,
        "evidence": EVIDENCE,
        "limitations": LIMITATIONS,
        "appraisals": APPRAISALS,
    }


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_match_the_design(kind: Kind) -> None:
    assert {column.name for column in ALL if column.kind is kind} == KINDS[kind]


def test_integers_are_counts_years_levels_changes_and_versions() -> None:
    names = {column.name for column in ALL if column.kind is Kind.INTEGER}
    assert {name for name in names if not re.match("n_|events_", name)} == {
        *("year", "newest_study_year", "study_level", "version", "data_from", "data_to"),
        *(domain.value for domain in CertaintyDomain),
    }


@pytest.mark.parametrize("column", ALL, ids=lambda column: column.name)
def test_column_has_a_description(column: Column) -> None:
    assert column.title
    assert re.fullmatch(r"[A-Z][^\n]*\.", column.description)
