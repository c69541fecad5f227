"""Suggestions from sentences of real abstracts, checked by hand, and the robustness of the readers.

The sentences are from published abstracts, or from quotes in the studies of the seed.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules.extraction import suggest
from claims_app.rules.extraction.numbers import count, number
from claims_app.rules.schemas import EVIDENCE, STUDY
from claims_app.vocabulary import RecordType

ESTIMATES = {
    # Thyroid autoimmunity and depression, 2004
    "OR = 3.87, 95% CI = 1.54-10.13": ("OR", "3.87", "1.54", "10.13", "95"),
    "OR = 4.52, 95% CI = 1.86-11.0": ("OR", "4.52", "1.86", "11.0", "95"),
    "OR 3.94 (1.97-7.93)": ("OR", "3.94"),
    # Ursini 2021
    "OR: 9.95, 95% CI 6.02 to 16.43, p<0.0001": ("OR", "9.95", "6.02", "16.43", "95"),
    # Geerts 2021
    "40% vs 30% (p = 0.588, odds ratio 1.56, 95% confidence interval 0.53-4.53)": (
        *("OR", "1.56", "0.53", "4.53", "95"),
    ),
    # Galosi 2022
    "49% (95% CI 39–60%, I2 = 89%)": ("percent", "49", "39", "60", "95"),
    # Savin 2023
    "OR 3.65, p = 0.002": ("OR", "3.65"),
    # SPRINT Research Group, New England Journal of Medicine 2015
    "A significantly lower rate of the primary composite outcome in the intensive-treatment group than in the "
    "standard-treatment group (1.65% per year vs. 2.19% per year; hazard ratio with intensive treatment, 0.75; "
    "95% confidence interval [CI], 0.64 to 0.89; P<0.001).": ("HR", "0.75", "0.64", "0.89", "95"),
    # the printed forms of the guidelines
    "The standardised mean difference was −0·42 (95% CI −0·61 to −0·23).": (
        *("SMD", "-0.42", "-0.61", "-0.23", "95"),
    ),
    "Titres went with pain (Spearman’s rho = 0.41).": ("rho", "0.41"),
    "It was correlated with severity (r = -.35, p < .01).": ("r", "-0.35"),
    "The AUC was 0.81 (95% CI: 0.72, 0.90).": ("AUC", "0.81", "0.72", "0.90", "95"),
    "Relative risk of death was 1.9 (99% CI, 1.1–3.3).": ("RR", "1.9", "1.1", "3.3", "99"),
}
FIELDS = ("effect_measure", "effect_value", "ci_low", "ci_high", "ci_level")

P_VALUES = {
    "jensen: p = 0.008": "0.008",
    "P<0.005": "<0.005",
    "17/28, 61% vs 11/37, 30%; p<0.05": "<0.05",
    "Fourteen out of 20 (70%) FMS patients and 17/30 (56.7%) OA patients (P = 0.34)": "0.34",
    "the p value was ≤ 0·01": "≤0.01",
    "P=2.1×10-5": "2.1×10-5",
    "p = 0.000": "0.000",
}

COUNTS = {
    # Wolfe and others, Arthritis and Rheumatism 1990
    "We studied 558 consecutive patients: 293 patients with fibromyalgia and 265 control patients.": {
        ("n_cases", "558"),
        ("n_cases", "293"),
        ("n_controls", "265"),
    },
    # SPRINT Research Group, 2015
    "We randomly assigned 9361 persons with a systolic blood pressure of 130 mm Hg or higher and an increased "
    "cardiovascular risk, but without diabetes.": {("n_cases", "9361")},
    # RECOVERY Collaborative Group, 2021
    "A total of 2104 patients were assigned to receive dexamethasone and 4321 to receive usual care.": {
        ("n_cases", "2104"),
    },
    # Sarzi-Puttini and others
    "Sixteen of the 79 FM patients (20.3%) and 12/78 controls (15.4%); P = 0.536": {("n_cases", "79")},
    # Wilson 1999
    "Antibodies were found in 22/47 (47%) of the patients and 3/16 (19%) of the controls.": set(),
    "Sera of fibromyalgia patients (n = 30) and healthy controls (n=29) were tested.": {
        ("n_cases", "30"),
        ("n_controls", "29"),
    },
    "Thirty-two women with fibromyalgia and twenty women without it took part.": {
        ("n_cases", "32"),
        ("n_controls", "20"),
    },
    "IgG pooled from 8 patients was injected into 24 female C57BL/6 mice.": {
        ("n_donors", "8"),
        ("n_animals", "24"),
    },
    "Mice (n = 6 per group) received IgG.": set(),
    "Patients aged 45 years and older with 12 months of pain were asked.": set(),
    "A total of 1,250 age- and sex-matched healthy control subjects were drawn.": {("n_controls", "1250")},
}

DESIGNS = {
    "We did a systematic review and meta-analysis of randomised trials.": "systematic_review",
    "In this randomized, double-blind, placebo-controlled trial, 63 people were treated.": "randomised_trial",
    "Patients were randomly assigned to one of two groups.": "randomised_trial",
    "This was an open-label pilot study.": "non_randomised_trial",
    "A case–control study was done at one centre.": "case_control",
    "This cross-sectional study included 60 women.": "cross_sectional",
    "We analysed a prospective cohort.": "cohort",
    "Mice were injected with IgG from people with fibromyalgia.": "animal_experiment",
    "Cultured satellite glial cells were stained.": "in_vitro",
    "Sixty women were asked about their pain.": None,
    "Neurons were studied in vitro.": "in_vitro",
    "A non-randomised comparison followed.": "non_randomised_trial",
}

NOTHING = (
    "Expression of p53 and IL-6 fell in 2019.",
    "One or 2 tablets were taken.",
    "The 45-year-old woman slept for 8 hours.",
    "In the ER 12 beds were free.",
    "We used version 3.1 of R 4 and Python 3.",
    "Type 2 diabetes and CI 5 were excluded.",
)


def values(text: str, *names: str) -> set[tuple[str, str]]:
    """Return the suggested values of the fields in `names`."""
    every = [suggestion.values for sentence in suggest(text) for suggestion in sentence.suggestions]
    return {(name, value) for one in every for name, value in one.items() if name in names}


@pytest.mark.parametrize("sentence", ESTIMATES)
def test_an_estimate_is_read_with_its_interval(sentence: str) -> None:
    assert values(sentence, *FIELDS) == set(zip(FIELDS, ESTIMATES[sentence], strict=False))


@pytest.mark.parametrize("sentence", P_VALUES)
def test_a_p_value_is_read_as_printed(sentence: str) -> None:
    assert values(sentence, "p_value") == {("p_value", P_VALUES[sentence])}


@pytest.mark.parametrize("sentence", COUNTS)
def test_people_and_animals_are_distinguished(sentence: str) -> None:
    assert values(sentence, "n_cases", "n_controls", "n_animals", "n_donors") == COUNTS[sentence]


@pytest.mark.parametrize("sentence", DESIGNS)
def test_a_design_is_read_from_the_words_of_the_authors(sentence: str) -> None:
    design = DESIGNS[sentence]
    assert values(sentence, "design") == ({("design", design)} if design else set())


@pytest.mark.parametrize("sentence", NOTHING)
def test_lookalikes_are_ignored(sentence: str) -> None:
    read = ("effect_value", "p_value", "n_cases", "n_controls", "n_animals", "n_donors", "design")
    assert values(sentence, *read) == set()


def test_only_species_that_were_studied_are_suggested() -> None:
    assert values("IgG from patients was given to mice and rats.", "species") == {
        ("species", "human"),
        ("species", "mouse"),
        ("species", "rat"),
    }
    assert (
        values("Sections were stained with a mouse monoclonal antibody and goat anti-rabbit IgG.", "species")
        == set()
    )


def test_a_registry_number_is_suggested_for_the_study() -> None:
    (sentence,) = suggest("The trial is registered (ClinicalTrials.gov NCT05643794).")
    (suggestion,) = sentence.suggestions
    assert suggestion.record_type is RecordType.STUDY
    assert suggestion.values == {"registry_id": "NCT05643794"}


def test_a_repeated_suggestion_is_given_at_the_first_sentence() -> None:
    first, second = suggest("This was a case-control study. As a case-control study it was small.")
    assert [one.values["design"] for one in first.suggestions] == ["case_control"]
    assert second.suggestions == ()


def test_abbreviations_and_initials_do_not_end_a_sentence() -> None:
    text = "Goebel et al. 2021 gave IgG (e.g. 8 mg) vs. saline. J. Smith did not.\nRESULTS: It hurt."
    assert [sentence.text for sentence in suggest(text)] == [
        "Goebel et al. 2021 gave IgG (e.g. 8 mg) vs. saline.",
        "J. Smith did not.",
        "RESULTS: It hurt.",
    ]


def test_numbers_are_converted_for_the_fields() -> None:
    assert [number(one) for one in ("−0·35", ".5", "1,234.5", "+2")] == ["-0.35", "0.5", "1234.5", "2"]
    assert [count(one) for one in ("1,250", "Twenty-nine", "forty two")] == ["1250", "29", "42"]


PIECES = st.sampled_from(
    [
        *"0123456789.,;:()[]%<>=−–-·/ \n",
        "OR",
        "95% CI",
        "p",
        " patients",
        " mice",
        "n =",
        "NCT",
        " with ",
        "twenty",
    ]
)


@given(st.one_of(st.lists(PIECES, max_size=60).map("".join), st.text(max_size=200)))
def test_suggestions_fit_their_fields_and_their_sentence(text: str) -> None:
    schemas = {RecordType.EVIDENCE: EVIDENCE, RecordType.STUDY: STUDY}
    for sentence in suggest(text):
        assert text[sentence.start : sentence.end] == sentence.text
        for suggestion in sentence.suggestions:
            assert 0 <= suggestion.start < suggestion.end <= len(sentence.text)
            for name, value in suggestion.values.items():
                schemas[suggestion.record_type].field(name).clean([value] if name == "species" else value)


@pytest.mark.parametrize(
    "piece", ["1", "1,", "9 a ", "OR 1 ", "p<0.", "(n = ", "a ", "mice ", "-", "95% CI ", "NCT0", "one "]
)
def test_no_text_takes_long(piece: str) -> None:
    for times in (40_000, 1_900 // len(piece)):
        assert suggest(piece * times)[0].start == 0
