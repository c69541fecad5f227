"""The linked data says the same to any processor: ours is compared with rdflib, without asking any host."""

import json
import re
import warnings
from collections.abc import Iterable

import rdflib
from hypothesis import given, settings

from claims_app.formats.linked import jsonld, nanopub, skos
from claims_app.formats.linked.rdf import PLACEHOLDER, Literal, Quad, artifact_code, triples
from claims_app.formats.linked.terms import XSD, vocabulary_address
from claims_app.formats.linked.whole import WholeClaim
from claims_app.vocabulary.standards import System
from tests.support.whole import MOMENT, NOW, SITE, claims, unassessed, whole

HERE = f"{SITE}/claims/CLM-1"
APPRAISAL = f"{SITE}/appraisals/APR-1"
TERMS = vocabulary_address(SITE)
NP = "http://www.nanopub.org/nschema#"
PROV = "http://www.w3.org/ns/prov#"
BY = nanopub.Publisher(SITE, "https://creativecommons.org/licenses/by/4.0/")


def plain(term: object) -> str | Literal:
    """Return a term of rdflib as one of ours."""
    if isinstance(term, rdflib.Literal):
        return Literal(str(term), str(term.datatype or f"{XSD}string"))
    assert isinstance(term, rdflib.URIRef), "everything has an address"
    return str(term)


def read(text: str, form: str) -> set[Quad]:
    """Return the quads of a text as rdflib reads it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib uses what it deprecates
        dataset = rdflib.Dataset()
        dataset.parse(data=text, format=form)
        return {
            Quad(str(graph), *(plain(term) for term in triple))  # type: ignore[arg-type]
            for *triple, graph in dataset.quads()
        }


def objects(quads: Iterable[Quad], subject: str, predicate: str) -> set[str]:
    return {
        quad.object.value if isinstance(quad.object, Literal) else quad.object
        for quad in quads
        if (quad.subject, quad.predicate) == (subject, predicate)
    }


def graph_of(quads: Iterable[Quad], name: str) -> set[Quad]:
    return {quad for quad in quads if quad.graph.endswith(f"#{name}")}


@settings(max_examples=12)
@given(claims())
def test_our_triples_are_those_of_a_processor_of_json_ld(claim: WholeClaim) -> None:
    document = json.loads(jsonld.text(SITE, claim))
    ours = set(triples(document["@graph"], document["@context"]))
    assert ours == {tuple(quad[1:]) for quad in read(json.dumps(document), "json-ld")}


@settings(max_examples=12)
@given(claims())
def test_the_code_of_a_nanopublication_is_that_of_what_a_reader_reads(claim: WholeClaim) -> None:
    made = nanopub.publish(BY, claim, MOMENT)
    found = read(made.text, "trig")
    blank = [
        Quad(*(part.replace(made.code, PLACEHOLDER) if isinstance(part, str) else part for part in quad))
        for quad in found
    ]
    assert artifact_code(blank) == made.code
    assert made.address == f"{SITE}/np/CLM-1/{MOMENT}/{made.code}"


def test_the_code_agrees_with_a_published_example() -> None:
    """The example `aida1` of the test suite of the Python package nanopub."""
    np, here = (
        "http://www.nanopub.org/nschema#",
        f"http://example.org/nanopub-validator-example/{PLACEHOLDER}",
    )
    head, assertion, provenance, about = (
        f"{here}#{part}" for part in ("Head", "assertion", "provenance", "pubinfo")
    )
    kind = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    when = Literal("2014-07-29T10:13:35+01:00", f"{XSD}dateTime")
    quads = [
        Quad(head, here, f"{np}hasAssertion", assertion),
        Quad(head, here, f"{np}hasProvenance", provenance),
        Quad(head, here, f"{np}hasPublicationInfo", about),
        Quad(head, here, kind, f"{np}Nanopublication"),
        Quad(
            assertion,
            assertion,
            "http://purl.org/nanopub/x/asSentence",
            "http://purl.org/aida/Malaria+is+transmitted+by+mosquitoes.",
        ),
        Quad(assertion, assertion, kind, "http://purl.org/nanopub/x/UnderspecifiedAssertion"),
        Quad(provenance, assertion, f"{PROV}hadPrimarySource", "http://dx.doi.org/10.3233/ISU-2010-0613"),
        Quad(about, here, "http://purl.org/dc/terms/created", when),
        Quad(about, here, "http://purl.org/pav/createdBy", "http://orcid.org/0000-0002-1267-0234"),
        Quad(about, here, kind, "http://purl.org/nanopub/x/ExampleNanopub"),
    ]
    assert artifact_code(quads) == "RAPpJU5UOB4pavfWyk7FE3WQiam5yBpmIlviAQWtBSC4M"


def test_the_code_of_values_and_other_signs_is_that_of_another_program() -> None:
    """The expected code was computed with the Python package nanopub 2.0.1, for an address that ends with X."""
    here = f"{SITE}/np/{PLACEHOLDER}"
    graph, text = f"{here}#a", "http://schema.org/text"
    quads = [
        Quad(graph, here, text, Literal("one\\two\nthree", f"{XSD}string")),
        Quad(graph, here, text, "http://z.example/"),
        Quad(graph, here, text, Literal("1", f"{XSD}integer")),
        Quad(graph, here, text, Literal("1", f"{XSD}string")),
        Quad(graph, here, text, Literal("1", f"{XSD}string")),
        Quad(graph, here, "http://schema.org/é", Literal('Ünïcode "quoted"', f"{XSD}string")),
        Quad(f"{here}#B", here, text, Literal("A", f"{XSD}string")),
    ]
    assert artifact_code(quads) == "RA8QHsCqP1sxsniRIj5Ql-1nTT4GzqzgBl4ICot1GR194"


def test_linked_data_has_the_claim_with_its_certainty_evidence_and_reasons() -> None:
    quads = read(jsonld.text(SITE, whole()), "json-ld")
    assert objects(quads, HERE, f"{TERMS}evidenceLevel") == {f"{TERMS}evidence-level-very_low"}
    assert objects(quads, HERE, f"{TERMS}conclusion") == {f"{TERMS}conclusion-supported"}
    assert objects(quads, HERE, f"{System.SEPIO}0000006") == {f"{SITE}/evidence/EVD-1"}
    assert objects(quads, APPRAISAL, "http://schema.org/isBasedOn") == {f"{SITE}/evidence/EVD-1"}
    assert objects(quads, f"{SITE}/evidence/EVD-1", f"{System.SEPIO}0000183") == {f"{System.SEPIO}0000403"}
    assert objects(quads, f"{APPRAISAL}#imprecision", f"{TERMS}reason") == {"Imprecision was judged so."}
    assert "https://doi.org/10.1002/(sici)1%3C1::aid%3E3.0.co;2-#" in objects(
        quads, f"{SITE}/studies/STU-1", "http://schema.org/sameAs"
    )


def test_a_nanopublication_has_its_four_graphs() -> None:
    made = nanopub.publish(BY, whole(), MOMENT)
    quads = read(made.text, "trig")
    assert {quad.graph for quad in quads} == {
        f"{made.address}#{name}" for name in ("Head", "assertion", "provenance", "pubinfo")
    }
    for part, name in (
        ("hasAssertion", "assertion"),
        ("hasProvenance", "provenance"),
        ("hasPublicationInfo", "pubinfo"),
    ):
        assert objects(quads, made.address, f"{NP}{part}") == {f"{made.address}#{name}"}
    published = graph_of(quads, "pubinfo")
    assert objects(published, made.address, "http://purl.org/dc/terms/license") == {BY.licence}
    assert objects(published, made.address, "http://purl.org/dc/terms/created") == {NOW.isoformat()}


def test_its_provenance_names_the_appraisal_the_evidence_and_the_quote_of_the_source() -> None:
    made = nanopub.publish(BY, whole(), MOMENT)
    provenance = graph_of(read(made.text, "trig"), "provenance")
    assertion = f"{made.address}#assertion"
    assert objects(provenance, assertion, f"{PROV}wasGeneratedBy") == {APPRAISAL}
    assert objects(provenance, assertion, f"{PROV}wasDerivedFrom") == {f"{SITE}/evidence/EVD-1"}
    assert objects(provenance, assertion, f"{PROV}hadPrimarySource") == {f"{SITE}/studies/STU-2"}
    assert objects(provenance, f"{HERE}#origin-quote", "http://schema.org/text") == {
        "raised in “all” patients\\n"
    }


@settings(max_examples=12)
@given(claims())
def test_nothing_is_asserted_without_its_certainty(claim: WholeClaim) -> None:
    asserted = graph_of(read(nanopub.publish(BY, claim, MOMENT).text, "trig"), "assertion")
    assert {quad.subject for quad in asserted} == {HERE}
    [level] = objects(asserted, HERE, f"{TERMS}evidenceLevel")
    assert level == f"{TERMS}evidence-level-{claim.verdict.level.value}"
    [said] = objects(asserted, HERE, "http://schema.org/description")
    assert claim.verdict.certainty in said
    assert bool(objects(asserted, HERE, f"{TERMS}conclusion")) == (claim.appraisal is not None)


def test_a_claim_that_was_not_appraised_says_so() -> None:
    asserted = graph_of(read(nanopub.publish(BY, unassessed(), MOMENT).text, "trig"), "assertion")
    [said] = objects(asserted, HERE, "http://schema.org/description")
    assert said == (
        "It has not been appraised yet whether antibodies are raised in people with fibromyalgia (not assessed)."
    )


def test_another_content_has_another_code() -> None:
    codes = {
        nanopub.publish(BY, claim, MOMENT).code
        for claim in (whole(), whole(version=4), whole(limitations=[]), unassessed())
    }
    assert len(codes) == 4
    assert all(re.fullmatch(r"RA[\w-]{43}", code) for code in codes)


def test_the_addresses_of_earlier_nanopublications_stay_the_same() -> None:
    """If this fails, no address that was cited is found any more: make that worth it, and say so in the changelog."""
    assert nanopub.publish(BY, whole(), MOMENT).code == "RAiQ9CWaEn1_nNaCNSNNN1RA2S_SJNMk6zyXxRJ2gLdqw"


def test_while_its_data_could_still_change_it_has_no_code() -> None:
    made = nanopub.publish(BY, whole(), None)
    assert (made.address, made.code) == (f"{HERE}.trig", "")
    assert graph_of(read(made.text, "trig"), "assertion")


def test_all_properties_and_terms_that_are_used_are_published() -> None:
    names = {quad.subject for quad in read(skos.text(SITE), "json-ld")}
    used = read(jsonld.text(SITE, whole()), "json-ld")
    own = {
        part
        for quad in used
        for part in (quad.predicate, quad.object)
        if isinstance(part, str) and part.startswith(TERMS)
    }
    assert own <= names


def test_published_terms_say_what_they_are_called_elsewhere() -> None:
    quads = read(skos.text(SITE), "json-ld")
    match = "http://www.w3.org/2004/02/skos/core#exactMatch"
    assert objects(quads, f"{TERMS}direction-supports", match) == {f"{System.SEPIO}0000403"}
    broad = "http://www.w3.org/2004/02/skos/core#broadMatch"
    assert objects(quads, f"{TERMS}direction-null", broad) == {f"{System.SEPIO}0000404"}
