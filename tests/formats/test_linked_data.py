"""Linked data uses the words of schema.org, and stays within its element."""

import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.formats import linked_data
from claims_app.formats.linked_data import ClaimData, ReviewData, StudyData

NOW = datetime.datetime(2026, 11, 28, tzinfo=datetime.UTC)
SITE = "https://claims.example/"
STUDY = StudyData(
    url=f"{SITE}studies/STU-1",
    kind="ScholarlyArticle",
    title="Passive transfer",
    authors=["Goebel, Andreas 0000-0002-1825-0097", "FibroGroup"],
    year=2021,
    journal="J Clin Invest",
    doi="10.1172/JCI144201",
    pmid="34196305",
    standing=None,
)
REVIEW = ReviewData("Probably so: moderate certainty", "It is probably so.", NOW.date(), is_stale=True)

# Source: schema.org 29, the properties of each type and of its supertypes that are used here.
_THING = {"@type", "@id", "name", "url", "identifier", "sameAs"}
_WORK = _THING | {
    *("about", "author", "citation", "creativeWorkStatus", "creator", "dateCreated", "dateModified"),
    *("datePublished", "headline", "isAccessibleForFree", "isPartOf", "license", "text", "version"),
}
PROPERTIES = {
    "Claim": _WORK | {"firstAppearance", "appearance", "claimInterpreter"},
    "ClaimReview": _WORK | {"claimReviewed", "itemReviewed", "reviewBody", "reviewRating"},
    "DataDownload": _WORK | {"contentUrl", "encodingFormat"},
    "Dataset": _WORK | {"description", "distribution"},
    "MedicalStudy": _THING | {"author"},
    "NewsArticle": _WORK,
    "Organization": _THING,
    "Periodical": _WORK,
    "Person": _THING | {"familyName", "givenName"},
    "Rating": _THING | {"alternateName", "ratingValue"},
    "ScholarlyArticle": _WORK,
    "Thing": _THING,
}


def claim(statement: str = "Antibodies are raised.", review: ReviewData | None = REVIEW) -> ClaimData:
    return ClaimData(
        url=f"{SITE}claims/CLM-1",
        public_id="CLM-1",
        statement=statement,
        version=2,
        created_at=NOW,
        updated_at=NOW,
        topics=["Pain"],
        origin=STUDY,
        review=review,
        studies=[STUDY],
    )


def check(value: object) -> None:
    """Check that each object has a type of schema.org with properties of that type, or only names another one."""
    if isinstance(value, list):
        assert value
        for item in value:
            check(item)
    elif isinstance(value, dict) and value.keys() != {"@id"}:
        assert value.keys() <= PROPERTIES[value["@type"]], value["@type"]
        for item in value.values():
            check(item)
    else:
        assert value not in (None, "")


@pytest.mark.parametrize(
    "data",
    [
        linked_data.claim(claim(), SITE),
        linked_data.claim(claim(review=None), SITE),
        linked_data.study(STUDY),
        linked_data.dataset(SITE, "All claims.", None, [(f"{SITE}claims.csv", "text/csv")]),
    ],
)
def test_all_words_are_those_of_schema_org(data: linked_data.Data) -> None:
    assert data["@context"] == "https://schema.org"
    check(data["@graph"])


def test_an_appraisal_is_a_review_whose_rating_is_the_conclusion_with_its_certainty() -> None:
    [_, review] = json.loads(linked_data.script(linked_data.claim(claim(), SITE)))["@graph"]
    assert review["reviewRating"] == {"@type": "Rating", "alternateName": "Probably so: moderate certainty"}
    assert review["itemReviewed"] == {"@id": f"{SITE}claims/CLM-1"}
    assert review["creativeWorkStatus"] == "The evidence has changed since this appraisal."
    assert len(json.loads(linked_data.script(linked_data.claim(claim(review=None), SITE)))["@graph"]) == 1


def test_authors_are_people_with_their_orcid_id_or_groups() -> None:
    [study] = json.loads(linked_data.script(linked_data.study(STUDY)))["@graph"]
    person, group = study["author"]
    assert (person["name"], person["@id"]) == ("Andreas Goebel", "https://orcid.org/0000-0002-1825-0097")
    assert group == {"@type": "Organization", "name": "FibroGroup"}
    assert study["sameAs"][0] == "https://doi.org/10.1172/JCI144201"


@given(
    st.text(min_size=1)
    | st.sampled_from(["</script><script>alert(1)</script>", "<!--<script>", "a\u2028b & c", "]]>"])
)
def test_no_text_ends_the_element(statement: str) -> None:
    script = linked_data.script(linked_data.claim(claim(statement), SITE))
    assert not set("<>&\u2028\u2029") & set(script)
    assert json.loads(script)["@graph"][0]["text"] == statement
