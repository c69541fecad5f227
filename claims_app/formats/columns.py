"""The columns of the exported files.

They are a contract: within a major version, columns are only added, and only at the end.
"""

import re
from collections.abc import Iterable, Mapping

from claims_app.formats.delimited import Column, Kind
from claims_app.vocabulary import (
    CertaintyDomain,
    ClaimKind,
    ClaimStatus,
    Conclusion,
    Direction,
    Directness,
    EffectMeasure,
    EvidenceLevel,
    Hedge,
    LevelState,
    LimitationKind,
    PublicationState,
    QuoteCheck,
    RiskOfBias,
    Scheme,
    Species,
    Standing,
    StudyDesign,
    UnitOfAnalysis,
)

_LEVELS = (
    EvidenceLevel.NOT_ASSESSED,
    EvidenceLevel.VERY_LOW,
    EvidenceLevel.LOW,
    EvidenceLevel.MODERATE,
    EvidenceLevel.HIGH,
)
_HEDGES = (Hedge.SPECULATED, Hedge.SUGGESTED, Hedge.STATED)
_RISKS = (RiskOfBias.NOT_ASSESSED, RiskOfBias.LOW, RiskOfBias.SOME_CONCERNS, RiskOfBias.HIGH)

_QUOTE_CHECKS = tuple(dict.fromkeys(check.in_files for check in QuoteCheck))

CLAIMS = (
    Column(
        "claim_id",
        Kind.TERM,
        "Claim",
        "The claim's identifier, such as CLM-1; identifiers are never reused.",
    ),
    Column("statement", Kind.TEXT, "Statement", "The claim as one checkable sentence."),
    Column("kind", Kind.TERM, "Kind", "What kind of question the claim answers.", tuple(ClaimKind)),
    Column(
        "status",
        Kind.TERM,
        "Status",
        "Whether the claim is in preparation, in use, disputed, or no longer in use.",
        tuple(ClaimStatus),
    ),
    Column(
        "evidence_level",
        Kind.TERM,
        "Evidence level",
        "GRADE certainty of the whole body of evidence; not_assessed without an appraisal.",
        _LEVELS,
        ordered=True,
    ),
    Column(
        "level_state",
        Kind.TERM,
        "Level state",
        "Whether the level is based on the present evidence: current, stale or not_assessed.",
        tuple(LevelState),
    ),
    Column(
        "level_rationale",
        Kind.TEXT,
        "Level rationale",
        "Why the claim has its level; empty without an appraisal.",
    ),
    Column("topics", Kind.LIST, "Topics", "Short names of the topics."),
    Column("population", Kind.TEXT, "Population", "People, animals or samples the claim is about."),
    Column("exposure", Kind.TEXT, "Exposure", "The exposure, factor or intervention."),
    Column("comparator", Kind.TEXT, "Comparator", "What the exposure is compared with."),
    Column("outcome", Kind.TEXT, "Outcome", "What was measured."),
    Column("limitations", Kind.LIST, "Limitations", "The limitations of the claim."),
    Column(
        "n_supporting",
        Kind.INTEGER,
        "Supporting",
        "Number of evidence items (not reports, studies or independent groups) that support the claim, "
        "without those of retracted and withdrawn studies.",
    ),
    Column(
        "n_contradicting",
        Kind.INTEGER,
        "Contradicting",
        "Number of evidence items that contradict it; counted like n_supporting.",
    ),
    Column(
        "n_null",
        Kind.INTEGER,
        "Null",
        "Number of evidence items that were adequately powered and found no effect; counted like n_supporting.",
    ),
    Column(
        "n_inconclusive",
        Kind.INTEGER,
        "Inconclusive",
        "Number of inconclusive evidence items; counted like n_supporting.",
    ),
    Column(
        "n_studies",
        Kind.INTEGER,
        "Studies",
        "Number of studies with counted evidence; a preprint and its published version are two reports of one study.",
    ),
    Column(
        "n_independent_groups",
        Kind.INTEGER,
        "Independent groups",
        "Number of independent groups with counted evidence; the studies of one study group are one. The balance "
        "on the page of a claim counts these.",
    ),
    Column(
        "newest_study_year", Kind.INTEGER, "Newest study", "Year of the newest study with counted evidence."
    ),
    Column(
        "origin_study_id",
        Kind.TERM,
        "Source study",
        "The study or article the claim was first taken from.",
    ),
    Column(
        "origin_section", Kind.TEXT, "Source section", "The section heading or page number in the source."
    ),
    Column("origin_quote", Kind.TEXT, "Source quote", "The exact words of the source."),
    Column("appraised_at", Kind.DATETIME, "Last appraised", "When the evidence was last appraised."),
    Column("last_searched_at", Kind.DATETIME, "Last searched", "When the literature was last searched."),
    Column("version", Kind.INTEGER, "Version", "Version number, incremented by each change."),
    Column("created_at", Kind.DATETIME, "Created", "When the record was created (UTC)."),
    Column("updated_at", Kind.DATETIME, "Last changed", "When the record was last changed (UTC)."),
    Column("url", Kind.TERM, "URL", "Address of the claim in this database."),
    Column(
        "conclusion",
        Kind.TERM,
        "Conclusion",
        "What the evidence says about the claim; the level is the certainty of it. Empty without an appraisal.",
        tuple(Conclusion),
    ),
    Column(
        "origin_quote_check",
        Kind.TERM,
        "Source quote check",
        "Whether the source quote was found in a text of its source.",
        _QUOTE_CHECKS,
    ),
)
STUDIES = (
    Column("study_id", Kind.TERM, "Study", "The study's identifier, such as STU-1."),
    Column("title", Kind.TEXT, "Title", "Title."),
    Column("authors", Kind.LIST, "Authors", "Authors, family name first."),
    Column("year", Kind.INTEGER, "Year", "Year of publication."),
    Column("journal", Kind.TEXT, "Journal", "Journal, preprint server, conference or website."),
    Column("volume", Kind.TEXT, "Volume", "Volume."),
    Column("issue", Kind.TEXT, "Issue", "Issue."),
    Column("pages", Kind.TEXT, "Pages", "First and last page, or article number."),
    Column("doi", Kind.TEXT, "DOI", "DOI in lower case."),
    Column("pmid", Kind.TEXT, "PubMed number", "PubMed number."),
    Column("pmcid", Kind.TEXT, "PubMed Central number", "PubMed Central number."),
    Column("registry_id", Kind.TEXT, "Registry number", "Number of a registered trial or review."),
    Column("design", Kind.TERM, "Design", "How the study was done.", tuple(StudyDesign)),
    Column("species", Kind.LIST, "Species", "The species in which the outcome was measured.", tuple(Species)),
    Column(
        "group",
        Kind.TEXT,
        "Study group",
        "A name for reports that share participants, animals, serum donors or a laboratory.",
    ),
    Column(
        "standing",
        Kind.TERM,
        "Standing",
        "Standing in the scientific record: current, corrected, retracted and so on.",
        tuple(Standing),
    ),
    Column("standing_date", Kind.DATE, "Date of the notice", "Date of the notice that changed the standing."),
    Column("url", Kind.TERM, "Web address", "Where the study can be read."),
    Column("version", Kind.INTEGER, "Version", "Version number, incremented by each change."),
    Column("created_at", Kind.DATETIME, "Created", "When the record was created (UTC)."),
    Column("updated_at", Kind.DATETIME, "Last changed", "When the record was last changed (UTC)."),
    Column(
        "publication_state",
        Kind.TERM,
        "Publication state",
        "Whether and how the study has been published.",
        tuple(PublicationState),
    ),
    Column("version_of_id", Kind.TERM, "Published version", "The study that a preprint was published as."),
    Column("centre", Kind.TEXT, "Centre", "Where participants were recruited or the work was done."),
    Column("data_from", Kind.INTEGER, "Data from", "First year of recruitment or of the experiments."),
    Column("data_to", Kind.INTEGER, "Data to", "Last year of recruitment or of the experiments."),
    Column("standing_reason", Kind.TEXT, "Reason for the notice", "Reason for the notice."),
    Column("standing_notice_doi", Kind.TEXT, "DOI of the notice", "DOI of the notice itself."),
    Column("note", Kind.TEXT, "Note", "Anything else readers should know about the report."),
)
EVIDENCE = (
    Column("evidence_id", Kind.TERM, "Evidence item", "The evidence item's identifier, such as EVD-1."),
    Column(
        "claim_id",
        Kind.TERM,
        "Claim",
        "The claim's identifier, such as CLM-1; identifiers are never reused.",
    ),
    Column("study_id", Kind.TERM, "Study", "The study's identifier, such as STU-1."),
    Column("direction", Kind.TERM, "Direction", "What the study says about the claim.", tuple(Direction)),
    Column(
        "directness",
        Kind.TERM,
        "Directness",
        "Whether it matches the claim's population, exposure and outcome.",
        tuple(Directness),
    ),
    Column("hedge", Kind.TERM, "Hedge", "How firmly the authors state it.", _HEDGES, ordered=True),
    Column(
        "study_level",
        Kind.INTEGER,
        "Study level",
        "OCEBM 2011 level of the study for the claim's question.",
    ),
    Column(
        "risk_of_bias",
        Kind.TERM,
        "Risk of bias",
        "How likely it is that the conduct of the study distorted the result.",
        _RISKS,
        ordered=True,
    ),
    Column("summary", Kind.TEXT, "Summary", "The finding in plain language."),
    Column(
        "effect_measure", Kind.TERM, "Effect measure", "Scale of the effect estimate.", tuple(EffectMeasure)
    ),
    Column("effect_value", Kind.NUMBER, "Effect estimate", "Effect estimate."),
    Column(
        "ci_low", Kind.NUMBER, "Confidence interval: lower limit", "Lower limit of the confidence interval."
    ),
    Column(
        "ci_high", Kind.NUMBER, "Confidence interval: upper limit", "Upper limit of the confidence interval."
    ),
    Column(
        "ci_level", Kind.NUMBER, "Confidence interval: level", "Level of the confidence interval in per cent."
    ),
    Column("p_value", Kind.TEXT, "P value", "P value as printed."),
    Column(
        "n_cases",
        Kind.INTEGER,
        "Cases",
        "People with the condition; in a trial the intervention group, in a cohort the exposed.",
    ),
    Column(
        "n_controls",
        Kind.INTEGER,
        "Controls",
        "People without the condition; in a trial the control group, in a cohort the unexposed.",
    ),
    Column("n_animals", Kind.INTEGER, "Animals", "Number of animals."),
    Column("n_donors", Kind.INTEGER, "Serum donors", "Donors of transferred serum or antibodies."),
    Column(
        "unit_of_analysis", Kind.TERM, "Unit of analysis", "What the numbers count.", tuple(UnitOfAnalysis)
    ),
    Column("quote", Kind.TEXT, "Quote", "The study's exact words."),
    Column(
        "locator",
        Kind.TEXT,
        "Location",
        "Where in the study the result is, and how much of the study was read.",
    ),
    Column(
        "quote_check",
        Kind.TERM,
        "Quote check",
        "Whether the quote was found in a text of the study.",
        _QUOTE_CHECKS,
    ),
    Column("limitations", Kind.LIST, "Limitations", "The limitations of the evidence item."),
    Column("version", Kind.INTEGER, "Version", "Version number, incremented by each change."),
    Column("created_at", Kind.DATETIME, "Created", "When the record was created (UTC)."),
    Column("updated_at", Kind.DATETIME, "Last changed", "When the record was last changed (UTC)."),
    Column("url", Kind.TERM, "URL", "Address of the evidence item in this database."),
    Column("outcome", Kind.TEXT, "Outcome", "What the events or means of the groups are."),
    Column("events_cases", Kind.INTEGER, "Cases: events", "People with the event among n_cases."),
    Column("events_controls", Kind.INTEGER, "Controls: events", "People with the event among n_controls."),
    Column("mean_cases", Kind.NUMBER, "Cases: mean", "Mean of the outcome among n_cases."),
    Column("sd_cases", Kind.NUMBER, "Cases: SD", "Standard deviation of that mean."),
    Column("mean_controls", Kind.NUMBER, "Controls: mean", "Mean of the outcome among n_controls."),
    Column("sd_controls", Kind.NUMBER, "Controls: SD", "Standard deviation of that mean."),
)
LIMITATIONS = (
    Column("limitation_id", Kind.TERM, "Identifier", "The limitation's identifier, such as LIM-1."),
    Column("claim_id", Kind.TERM, "Claim", "The claim it belongs to, or empty."),
    Column("evidence_id", Kind.TERM, "Evidence item", "The evidence item it belongs to, or empty."),
    Column("kind", Kind.TERM, "Kind", "What kind of weakness it is.", tuple(LimitationKind)),
    Column(
        "domain",
        Kind.TERM,
        "Certainty domain",
        "The domain of certainty that the limitation affects.",
        tuple(CertaintyDomain),
    ),
    Column("text", Kind.TEXT, "Limitation", "The limitation in one or two sentences."),
    Column("quote", Kind.TEXT, "Supporting quote", "The exact words that state the limitation."),
    Column(
        "quote_check",
        Kind.TERM,
        "Quote check",
        "Whether the quote was found in a text of its source.",
        _QUOTE_CHECKS,
    ),
)
APPRAISALS = (
    Column("appraisal_id", Kind.TERM, "Appraisal", "The appraisal's identifier, such as APR-1."),
    Column("claim_id", Kind.TERM, "Claim", "The appraised claim."),
    Column("scheme", Kind.TERM, "Scheme", "The published scheme of the appraisal.", tuple(Scheme)),
    Column("scheme_version", Kind.TERM, "Scheme version", "Version of the rules in this program."),
    Column(
        "start_level",
        Kind.TERM,
        "Starting level",
        "Starting level, by claim kind and study designs.",
        _LEVELS,
        ordered=True,
    ),
    *(
        Column(
            domain.value,
            Kind.INTEGER,
            domain.label,
            f"By how many levels the certainty was rated {'up' if domain.rates_up else 'down'}.",
        )
        for domain in CertaintyDomain
    ),
    Column(
        "computed_level",
        Kind.TERM,
        "Computed level",
        "The starting level plus all changes.",
        _LEVELS,
        ordered=True,
    ),
    Column(
        "level",
        Kind.TERM,
        "Evidence level",
        "The evidence level; if it differs from the computed level, it is an override.",
        _LEVELS,
        ordered=True,
    ),
    Column(
        "override_reason",
        Kind.TEXT,
        "Reason for override",
        "Why the level differs from the computed one, or empty.",
    ),
    Column("rationale", Kind.TEXT, "Rationale", "Why the claim has its level, with each reason."),
    Column("evidence_ids", Kind.LIST, "Evidence items", "The evidence items that were considered."),
    Column(
        "appraised_by",
        Kind.TEXT,
        "Appraised by",
        "The appraiser; empty for appraisals from the example data.",
    ),
    Column("appraised_at", Kind.DATETIME, "Appraised at", "When the appraisal was made (UTC)."),
    Column(
        "conclusion",
        Kind.TERM,
        "Conclusion",
        "What the evidence says about the claim; the rationale says if it was derived and not judged by a person.",
        tuple(Conclusion),
    ),
)

EXPORTS: Mapping[str, tuple[Column, ...]] = {
    "claims": CLAIMS,
    "studies": STUDIES,
    "evidence": EVIDENCE,
    "limitations": LIMITATIONS,
    "appraisals": APPRAISALS,
}
"""The columns of each file by its name."""

_PUBLIC_ID = re.compile(r"'?[A-Za-z]{3}-[0-9]{1,10}")


def are_own(identifiers: Iterable[str]) -> bool:
    """Return whether these cells of a first column are of this database: its identifiers, or all empty for new records.

    Other programs have columns with the same names, such as `study_id`.
    """
    given = [cell.strip() for cell in identifiers if cell.strip()]
    return not given or any(_PUBLIC_ID.fullmatch(cell) for cell in given)
