"""The codes of our terms in each system."""

from claims_app.vocabulary.appraisal import CertaintyDomain, Conclusion, EvidenceLevel
from claims_app.vocabulary.claims import ClaimStatus
from claims_app.vocabulary.evidence import Direction, Directness, EffectMeasure
from claims_app.vocabulary.standards.code import Code, Mapped, Match, NoCode, System
from claims_app.vocabulary.studies import PublicationState, Standing, StudyDesign

_NOT_RATED = NoCode("The system only has ratings, and this term says that there is none.")

LEVELS = Mapped(
    EvidenceLevel,
    System.CERTAINTY_RATING,
    {
        EvidenceLevel.HIGH: Code(System.CERTAINTY_RATING, "high", "High quality"),
        EvidenceLevel.MODERATE: Code(System.CERTAINTY_RATING, "moderate", "Moderate quality"),
        EvidenceLevel.LOW: Code(System.CERTAINTY_RATING, "low", "Low quality"),
        EvidenceLevel.VERY_LOW: Code(System.CERTAINTY_RATING, "very-low", "Very low quality"),
        EvidenceLevel.NOT_ASSESSED: _NOT_RATED,
    },
)
"""GRADE’s four levels, as FHIR names them."""

CERTAINTY_DOMAINS = Mapped(
    CertaintyDomain,
    System.CERTAINTY_TYPE,
    {
        CertaintyDomain.RISK_OF_BIAS: Code(System.CERTAINTY_TYPE, "RiskOfBias", "Risk of bias"),
        CertaintyDomain.INCONSISTENCY: Code(System.CERTAINTY_TYPE, "Inconsistency", "Inconsistency"),
        CertaintyDomain.INDIRECTNESS: Code(System.CERTAINTY_TYPE, "Indirectness", "Indirectness"),
        CertaintyDomain.IMPRECISION: Code(System.CERTAINTY_TYPE, "Imprecision", "Imprecision"),
        CertaintyDomain.PUBLICATION_BIAS: Code(System.CERTAINTY_TYPE, "PublicationBias", "Publication bias"),
        CertaintyDomain.LARGE_EFFECT: Code(System.CERTAINTY_TYPE, "LargeEffect", "Large effect"),
        CertaintyDomain.DOSE_RESPONSE_GRADIENT: Code(
            System.CERTAINTY_TYPE, "DoseResponseGradient", "Dose response gradient"
        ),
        CertaintyDomain.OPPOSING_CONFOUNDING: Code(
            System.CERTAINTY_TYPE, "PlausibleConfounding", "Plausible confounding"
        ),
    },
)
"""GRADE’s domains, as FHIR names them."""

OVERALL_CERTAINTY = Code(System.CERTAINTY_TYPE, "Overall", "Overall certainty")

_MOVES = {
    -3: (
        Code(System.CERTAINTY_RATING, "extremely-serious-concern", "extremely serious concern"),
        Code(System.CERTAINTY_RATING, "downcode3", "reduce rating: -3"),
    ),
    -2: (
        Code(System.CERTAINTY_RATING, "very-serious-concern", "very serious concern"),
        Code(System.CERTAINTY_RATING, "downcode2", "reduce rating: -2"),
    ),
    -1: (
        Code(System.CERTAINTY_RATING, "serious-concern", "serious concern"),
        Code(System.CERTAINTY_RATING, "downcode1", "reduce rating: -1"),
    ),
    0: (Code(System.CERTAINTY_RATING, "no-change", "no change to rating"),),
    1: (
        Code(System.CERTAINTY_RATING, "present", "present"),
        Code(System.CERTAINTY_RATING, "upcode1", "increase rating: +1"),
    ),
    2: (
        Code(System.CERTAINTY_RATING, "present", "present"),
        Code(System.CERTAINTY_RATING, "upcode2", "increase rating: +2"),
    ),
}


def ratings_of_move(levels: int) -> tuple[Code, ...]:
    """Return the ratings of a domain that changes the certainty by `levels`, from -3 to 2."""
    return _MOVES[levels]


_SUPPORTING = Code(System.SEPIO, "0000403", "supporting")
_INCONCLUSIVE = Code(System.SEPIO, "0000405", "inconclusive")

EVIDENCE_DIRECTION = Mapped(
    Direction,
    System.SEPIO,
    {
        Direction.SUPPORTS: _SUPPORTING,
        Direction.CONTRADICTS: Code(System.SEPIO, "0000404", "disputing", Match.CLOSE),
        # SEPIO has one direction for a result that goes the other way and for one that shows no effect.
        Direction.NULL: Code(System.SEPIO, "0000404", "disputing", Match.BROADER),
        Direction.INCONCLUSIVE: _INCONCLUSIVE,
    },
)

CONCLUSION_DIRECTION = Mapped(
    Conclusion,
    System.SEPIO,
    {
        Conclusion.SUPPORTED: Code(System.SEPIO, "0000403", "supporting", Match.CLOSE),
        Conclusion.CONTRADICTED: Code(System.SEPIO, "0000404", "disputing", Match.CLOSE),
        Conclusion.NO_EFFECT: Code(System.SEPIO, "0000404", "disputing", Match.BROADER),
        Conclusion.MIXED: NoCode("SEPIO has no direction for evidence that points both ways."),
        Conclusion.UNDECIDED: Code(System.SEPIO, "0000405", "inconclusive", Match.CLOSE),
    },
)
"""The direction of the whole body of evidence."""

DIRECTNESS = Mapped(
    Directness,
    System.DIRECTNESS,
    {
        Directness.DIRECT: Code(
            System.DIRECTNESS, "exact", "Exact match between observed and intended variable", Match.CLOSE
        ),
        Directness.INDIRECT: NoCode("FHIR grades the match; our term does not say how far it is off."),
        Directness.UNKNOWN: _NOT_RATED,
    },
)

EFFECT_MEASURES = Mapped(
    EffectMeasure,
    System.STATISTIC_TYPE,
    {
        EffectMeasure.OR: Code(System.STATISTIC_TYPE, "C16932", "Odds Ratio"),
        EffectMeasure.RR: Code(System.STATISTIC_TYPE, "C93152", "Relative Risk"),
        EffectMeasure.HR: Code(System.STATISTIC_TYPE, "C93150", "Hazard Ratio"),
        EffectMeasure.MD: Code(System.STATISTIC_TYPE, "0000457", "Mean Difference"),
        EffectMeasure.SMD: Code(System.STATISTIC_TYPE, "0000100", "Standardized Mean Difference"),
        EffectMeasure.R: Code(System.STATISTIC_TYPE, "C65172", "Pearson Correlation Coefficient"),
        EffectMeasure.RHO: Code(System.STATISTIC_TYPE, "C65171", "Spearman Rank-Order Correlation"),
        EffectMeasure.AUC: NoCode("The system has no area under a curve."),
        EffectMeasure.PERCENT: NoCode("The term covers shares and changes; the system has no code for both."),
        EffectMeasure.OTHER: NoCode("The measure is named in the summary."),
    },
)

CONFIDENCE_INTERVAL = Code(System.ATTRIBUTE_ESTIMATE, "C53324", "Confidence interval")
P_VALUE = Code(System.ATTRIBUTE_ESTIMATE, "C44185", "P-value")
SYNTHESIS = Code(System.SYNTHESIS_TYPE, "classification", "classifcation of results")
"""How a body of evidence is combined here: its studies are classified, not pooled. (The spelling is HL7’s.)"""

NARRATIVE = Code(System.STATISTIC_TYPE, "descriptive", "Descriptive")

VARIABLE_ROLES = {
    "population": Code(System.VARIABLE_ROLE, "population", "population"),
    "exposure": Code(System.VARIABLE_ROLE, "exposure", "exposure"),
    "comparator": Code(System.VARIABLE_ROLE, "referenceExposure", "reference exposure"),
    "outcome": Code(System.VARIABLE_ROLE, "measuredVariable", "measured variable"),
}
"""The parts of a question: population, exposure, comparator and outcome."""

_OF_PEOPLE = NoCode("The system describes research with people.")
_NO_RESEARCH = NoCode("It is not a design of research.")

STUDY_DESIGNS = Mapped(
    StudyDesign,
    System.STUDY_DESIGN,
    {
        StudyDesign.SYSTEMATIC_REVIEW: Code(
            System.STUDY_DESIGN, "SEVCO:01049", "Secondary data collection from prior research", Match.BROADER
        ),
        StudyDesign.RANDOMISED_TRIAL: Code(System.STUDY_DESIGN, "SEVCO:01003", "randomized assignment"),
        StudyDesign.NON_RANDOMISED_TRIAL: Code(
            System.STUDY_DESIGN, "SEVCO:01005", "Non-randomized assignment"
        ),
        StudyDesign.COHORT: Code(
            System.STUDY_DESIGN, "SEVCO:01028", "Longitudinal data collection", Match.BROADER
        ),
        StudyDesign.CASE_CONTROL: Code(System.STUDY_DESIGN, "SEVCO:01013", "Case control design"),
        StudyDesign.CROSS_SECTIONAL: Code(
            System.STUDY_DESIGN, "SEVCO:01027", "Cross sectional data collection", Match.CLOSE
        ),
        StudyDesign.CASE_SERIES: Code(
            System.STUDY_DESIGN, "SEVCO:01016", "Uncontrolled cohort design", Match.CLOSE
        ),
        StudyDesign.ANIMAL_EXPERIMENT: _OF_PEOPLE,
        StudyDesign.IN_VITRO: _OF_PEOPLE,
        StudyDesign.NARRATIVE_REVIEW: _NO_RESEARCH,
        StudyDesign.EXPERT_OPINION: _NO_RESEARCH,
        StudyDesign.NEWS_REPORT: _NO_RESEARCH,
    },
)
"""SEVCO, the Scientific Evidence Code System, as far as FHIR R5 has it."""

_OBSERVATIONAL = NoCode("ECO’s evidence from clinical studies is experimental; it has none for observation.")

STUDY_EVIDENCE = Mapped(
    StudyDesign,
    System.ECO,
    {
        StudyDesign.SYSTEMATIC_REVIEW: NoCode("ECO has no evidence from a synthesis of studies."),
        StudyDesign.RANDOMISED_TRIAL: Code(System.ECO, "0000180", "clinical study evidence", Match.BROADER),
        StudyDesign.NON_RANDOMISED_TRIAL: Code(
            System.ECO, "0000180", "clinical study evidence", Match.BROADER
        ),
        StudyDesign.COHORT: _OBSERVATIONAL,
        StudyDesign.CASE_CONTROL: _OBSERVATIONAL,
        StudyDesign.CROSS_SECTIONAL: _OBSERVATIONAL,
        StudyDesign.CASE_SERIES: _OBSERVATIONAL,
        StudyDesign.ANIMAL_EXPERIMENT: Code(
            System.ECO, "0000179", "animal model system study evidence", Match.CLOSE
        ),
        StudyDesign.IN_VITRO: Code(System.ECO, "0000181", "in vitro assay evidence", Match.CLOSE),
        StudyDesign.NARRATIVE_REVIEW: Code(System.ECO, "0000204", "author statement", Match.BROADER),
        StudyDesign.EXPERT_OPINION: Code(System.ECO, "0000204", "author statement", Match.BROADER),
        StudyDesign.NEWS_REPORT: Code(System.ECO, "0006151", "documented statement evidence", Match.BROADER),
    },
)
"""The type of evidence that a study of each design gives."""

_NO_FORM = NoCode("The system names forms of publication, and this term is none.")

PUBLICATION_FORMS = Mapped(
    PublicationState,
    System.CITATION_ARTIFACT,
    {
        PublicationState.PUBLISHED: NoCode("The term covers articles, books and reports alike."),
        PublicationState.PREPRINT: Code(System.CITATION_ARTIFACT, "D000076942", "Preprint"),
        PublicationState.ABSTRACT_ONLY: NoCode("The system has no abstracts of meetings."),
        PublicationState.REGISTERED: _NO_FORM,
        PublicationState.COMPLETED_UNPUBLISHED: _NO_FORM,
    },
)

_STILL_COUNTED = NoCode("The system has no such status.")

STUDY_STANDING = Mapped(
    Standing,
    System.CITED_ARTIFACT_STATUS,
    {
        Standing.CURRENT: Code(System.CITED_ARTIFACT_STATUS, "active", "Active", Match.CLOSE),
        Standing.CORRECTED: _STILL_COUNTED,
        Standing.EXPRESSION_OF_CONCERN: _STILL_COUNTED,
        Standing.RETRACTED: Code(System.CITED_ARTIFACT_STATUS, "retracted", "Retracted"),
        Standing.RETRACTED_AND_REPLACED: Code(
            System.CITED_ARTIFACT_STATUS, "retracted", "Retracted", Match.BROADER
        ),
        Standing.WITHDRAWN: Code(System.CITED_ARTIFACT_STATUS, "withdrawn", "Withdrawn"),
        Standing.REINSTATED: _STILL_COUNTED,
        Standing.SUPERSEDED_PREPRINT: _STILL_COUNTED,
    },
)

CLAIM_STATUS = Mapped(
    ClaimStatus,
    System.PUBLICATION_STATUS,
    {
        ClaimStatus.DRAFT: Code(System.PUBLICATION_STATUS, "draft", "Draft"),
        ClaimStatus.ACTIVE: Code(System.PUBLICATION_STATUS, "active", "Active"),
        ClaimStatus.CONTESTED: Code(System.PUBLICATION_STATUS, "active", "Active", Match.BROADER),
        ClaimStatus.SUPERSEDED: Code(System.PUBLICATION_STATUS, "retired", "Retired", Match.BROADER),
        ClaimStatus.WITHDRAWN: Code(System.PUBLICATION_STATUS, "retired", "Retired", Match.BROADER),
    },
)

MAPPED = (
    LEVELS,
    CERTAINTY_DOMAINS,
    EVIDENCE_DIRECTION,
    CONCLUSION_DIRECTION,
    DIRECTNESS,
    EFFECT_MEASURES,
    STUDY_DESIGNS,
    STUDY_EVIDENCE,
    PUBLICATION_FORMS,
    STUDY_STANDING,
    CLAIM_STATUS,
)
"""Every list of ours that is mapped to a system."""
