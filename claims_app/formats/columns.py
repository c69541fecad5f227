"""The columns of the files: a contract. Columns are added at the end and nowhere else within a major version."""

from collections.abc import Mapping

from claims_app.formats.delimited import Column, Kind
from claims_app.vocabulary import CertaintyDomain

CLAIMS = (
    Column(
        "claim_id",
        Kind.TERM,
        "Claim id",
        "The claim's identifier, such as CLM-1; it is never given to another claim.",
    ),
    Column("statement", Kind.TEXT, "Statement", "The claim in one checkable sentence."),
    Column("kind", Kind.TERM, "Kind", "What sort of question the claim answers."),
    Column("status", Kind.TERM, "Status", "Where the claim stands in its life."),
    Column(
        "evidence_level",
        Kind.TERM,
        "Evidence level",
        "GRADE certainty of the whole body of evidence; not_assessed without an appraisal.",
    ),
    Column(
        "level_state",
        Kind.TERM,
        "Level state",
        "Whether the level still rests on the evidence of today: current, stale or not_assessed.",
    ),
    Column(
        "level_rationale",
        Kind.TEXT,
        "Level rationale",
        "Why the claim has its level; empty without an appraisal.",
    ),
    Column("topics", Kind.LIST, "Topics", "Short names of the topics."),
    Column("population", Kind.TEXT, "Population", "In whom."),
    Column("exposure", Kind.TEXT, "Exposure", "The exposure, factor or intervention."),
    Column("comparator", Kind.TEXT, "Comparator", "Compared with what."),
    Column("outcome", Kind.TEXT, "Outcome", "What was measured."),
    Column("limitations", Kind.LIST, "Limitations", "The texts of the limitations of the claim."),
    Column(
        "n_supporting",
        Kind.INTEGER,
        "Number of supporting",
        "Evidence items that support the claim; those of retracted and withdrawn studies are not counted.",
    ),
    Column("n_contradicting", Kind.INTEGER, "Number of contradicting", "Evidence items that contradict it."),
    Column(
        "n_null",
        Kind.INTEGER,
        "Number of null",
        "Evidence items that looked with enough power and found nothing.",
    ),
    Column("n_inconclusive", Kind.INTEGER, "Number of inconclusive", "Evidence items that do not decide it."),
    Column(
        "n_studies",
        Kind.INTEGER,
        "Number of studies",
        "Studies behind the counted evidence; a preprint and its published version are one.",
    ),
    Column(
        "n_independent_groups",
        Kind.INTEGER,
        "Number of independent groups",
        "Independent groups behind it; studies of one study group are one.",
    ),
    Column("newest_study_year", Kind.INTEGER, "Newest study year", "Year of the newest study behind it."),
    Column(
        "origin_study_id",
        Kind.TERM,
        "Origin study id",
        "The study or article that the claim was first taken from.",
    ),
    Column("origin_section", Kind.TEXT, "Origin section", "Where in it."),
    Column("origin_quote", Kind.TEXT, "Origin quote", "Its exact words."),
    Column("appraised_at", Kind.DATETIME, "Appraised at", "When the evidence was last appraised."),
    Column("last_searched_at", Kind.DATETIME, "Last searched at", "When the literature was last searched."),
    Column("version", Kind.INTEGER, "Version", "Counted up by each change of the record."),
    Column("created_at", Kind.DATETIME, "Created at", "When the record was made (UTC)."),
    Column("updated_at", Kind.DATETIME, "Updated at", "When the record was last changed (UTC)."),
    Column("url", Kind.TERM, "Url", "Address of the claim in this database."),
)
STUDIES = (
    Column("study_id", Kind.TERM, "Study id", "The study's identifier, such as STU-1."),
    Column("title", Kind.TEXT, "Title", "Title."),
    Column("authors", Kind.LIST, "Authors", "Authors, family name first."),
    Column("year", Kind.INTEGER, "Year", "Year of publication."),
    Column("journal", Kind.TEXT, "Journal", "Journal, preprint server, meeting or site."),
    Column("volume", Kind.TEXT, "Volume", "Volume."),
    Column("issue", Kind.TEXT, "Issue", "Issue."),
    Column("pages", Kind.TEXT, "Pages", "Pages or article number."),
    Column("doi", Kind.TEXT, "DOI", "DOI in lower case."),
    Column("pmid", Kind.TEXT, "PubMed number", "PubMed number."),
    Column("pmcid", Kind.TEXT, "PubMed Central number", "PubMed Central number."),
    Column("registry_id", Kind.TEXT, "Registry id", "Number in a trial registry."),
    Column("design", Kind.TERM, "Design", "How the study was done."),
    Column("species", Kind.LIST, "Species", "In whom the outcome was measured."),
    Column(
        "group",
        Kind.TEXT,
        "Group",
        "Study group: reports that share participants, animals, serum donors or a laboratory.",
    ),
    Column("standing", Kind.TERM, "Standing", "Whether the scientific record still stands behind the study."),
    Column("standing_date", Kind.DATE, "Standing date", "Date of the notice that changed the standing."),
    Column("url", Kind.TERM, "Url", "Where the study can be read."),
    Column("version", Kind.INTEGER, "Version", "Counted up by each change of the record."),
    Column("created_at", Kind.DATETIME, "Created at", "When the record was made (UTC)."),
    Column("updated_at", Kind.DATETIME, "Updated at", "When the record was last changed (UTC)."),
)
EVIDENCE = (
    Column("evidence_id", Kind.TERM, "Evidence id", "The evidence item's identifier, such as EVD-1."),
    Column(
        "claim_id",
        Kind.TERM,
        "Claim id",
        "The claim's identifier, such as CLM-1; it is never given to another claim.",
    ),
    Column("study_id", Kind.TERM, "Study id", "The study's identifier, such as STU-1."),
    Column("direction", Kind.TERM, "Direction", "What the study says about the claim."),
    Column(
        "directness",
        Kind.TERM,
        "Directness",
        "Whether it is about the claim's own population, exposure and outcome.",
    ),
    Column("hedge", Kind.TERM, "Hedge", "How firmly the authors put it."),
    Column(
        "study_level",
        Kind.INTEGER,
        "Study level",
        "OCEBM 2011 level of the study for the question of the claim.",
    ),
    Column(
        "risk_of_bias", Kind.TERM, "Risk of bias", "How likely the conduct of the study distorted the result."
    ),
    Column("summary", Kind.TEXT, "Summary", "What was found, in plain words."),
    Column("effect_measure", Kind.TERM, "Effect measure", "Scale of the effect estimate."),
    Column("effect_value", Kind.NUMBER, "Effect value", "Effect estimate."),
    Column("ci_low", Kind.NUMBER, "Ci low", "Lower end of the confidence interval."),
    Column("ci_high", Kind.NUMBER, "Ci high", "Upper end of the confidence interval."),
    Column("ci_level", Kind.NUMBER, "Ci level", "Level of the confidence interval in per cent."),
    Column("p_value", Kind.TEXT, "P value", "P value as printed."),
    Column("n_cases", Kind.INTEGER, "Number of cases", "People with the condition."),
    Column("n_controls", Kind.INTEGER, "Number of controls", "People without it."),
    Column("n_animals", Kind.INTEGER, "Number of animals", "Animals."),
    Column("n_donors", Kind.INTEGER, "Number of donors", "People whose serum or antibodies were given on."),
    Column("unit_of_analysis", Kind.TERM, "Unit of analysis", "What the numbers count."),
    Column("quote", Kind.TEXT, "Quote", "The study's exact words."),
    Column("locator", Kind.TEXT, "Locator", "Where in the study it stands, and how much of it was read."),
    Column(
        "quote_check", Kind.TERM, "Quote check", "Whether the quote was found in a stored text of the study."
    ),
    Column("limitations", Kind.LIST, "Limitations", "The texts of the limitations of the evidence item."),
    Column("version", Kind.INTEGER, "Version", "Counted up by each change of the record."),
    Column("created_at", Kind.DATETIME, "Created at", "When the record was made (UTC)."),
    Column("updated_at", Kind.DATETIME, "Updated at", "When the record was last changed (UTC)."),
    Column("url", Kind.TERM, "Url", "Address of the evidence item in this database."),
)
LIMITATIONS = (
    Column("limitation_id", Kind.TERM, "Limitation id", "The limitation's identifier, such as LIM-1."),
    Column("claim_id", Kind.TERM, "Claim id", "The claim that it limits, or empty."),
    Column("evidence_id", Kind.TERM, "Evidence id", "The evidence item that it limits, or empty."),
    Column("kind", Kind.TERM, "Kind", "What sort of weakness it is."),
    Column("domain", Kind.TERM, "Domain", "The certainty domain that it bears on."),
    Column("text", Kind.TEXT, "Text", "The weakness."),
    Column("quote", Kind.TEXT, "Quote", "The exact words that state it."),
)
APPRAISALS = (
    Column("appraisal_id", Kind.TERM, "Appraisal id", "The appraisal's identifier, such as APR-1."),
    Column("claim_id", Kind.TERM, "Claim id", "The claim that it judges."),
    Column("scheme", Kind.TERM, "Scheme", "By which published scheme the level was reached."),
    Column("scheme_version", Kind.TERM, "Scheme version", "Version of the rules as the program has them."),
    Column("start_level", Kind.TERM, "Start level", "Where the evidence begins, by claim kind and designs."),
    *(
        Column(
            domain.value,
            Kind.INTEGER,
            domain.label,
            "By how many levels it moved the certainty" + (", up." if domain.rates_up else ", down."),
        )
        for domain in CertaintyDomain
    ),
    Column("computed_level", Kind.TERM, "Computed level", "What the start and the moves come to."),
    Column("level", Kind.TERM, "Level", "The evidence level; another than the computed one is an override."),
    Column("override_reason", Kind.TEXT, "Override reason", "Why another level was set, or empty."),
    Column("rationale", Kind.TEXT, "Rationale", "Why the claim has its level, with each reason."),
    Column("evidence_ids", Kind.LIST, "Evidence ids", "The evidence items that it saw."),
    Column("appraised_by", Kind.TEXT, "Appraised by", "Who made it; empty for one of the seed."),
    Column("appraised_at", Kind.DATETIME, "Appraised at", "When it was made (UTC)."),
)

EXPORTS: Mapping[str, tuple[Column, ...]] = {
    "claims": CLAIMS,
    "studies": STUDIES,
    "evidence": EVIDENCE,
    "limitations": LIMITATIONS,
    "appraisals": APPRAISALS,
}
"""The columns of each file by its name."""
