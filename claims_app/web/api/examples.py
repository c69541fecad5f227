"""Examples of what is sent to the API, for its documentation. A test sends each of them."""

from collections.abc import Mapping

from claims_app.vocabulary import RecordType

Example = Mapping[str, object]

CLAIM: Example = {
    "statement": "Vitamin D lowers pain in people with fibromyalgia.",
    "kind": "treatment",
    "status": "draft",
    "topics": ["pain-mechanisms"],
    "population": "Adults with fibromyalgia",
    "edit_summary": "Found in a review.",
}
STUDY: Example = {
    "title": "Vitamin D and widespread pain: a randomised trial",
    "authors": ["Doe, Jane", "Roe, Richard"],
    "year": 2024,
    "journal": "Journal of Examples",
    "design": "randomised_trial",
    "species": ["human"],
    "publication_state": "published",
    "standing": "current",
}
EVIDENCE: Example = {
    "study_id": "STU-1",
    "direction": "supports",
    "directness": "direct",
    "risk_of_bias": "not_assessed",
    "summary": "Pain was lower after twelve weeks.",
    "n_cases": 40,
    "n_controls": 41,
    "duplicate_is_meant": True,
}
LIMITATION: Example = {"kind": "small_sample", "text": "Few people took part."}
APPRAISAL: Example = {
    "risk_of_bias": -1,
    "risk_of_bias_reason": "The assessors knew who was in which group.",
    "inconsistency": 0,
    "inconsistency_reason": "The results point in one direction.",
    "indirectness": 0,
    "indirectness_reason": "The people are those whom the claim is about.",
    "imprecision": -1,
    "imprecision_reason": "Few people, and a wide interval.",
    "publication_bias": 0,
    "publication_bias_reason": "The trial was registered before it began.",
    "large_effect": 0,
    "dose_response_gradient": 0,
    "opposing_confounding": 0,
    "conclusion": "supported",
    "conclusion_reason": "The best study supports the claim.",
    "rationale": "One small study, whose assessors were not blinded.",
}
CHANGES: Mapping[RecordType, Example] = {
    RecordType.CLAIM: {"version": 1, "outcome": "Pain", "edit_summary": "More exact."},
    RecordType.STUDY: {"version": 1, "journal": "Journal of Examples", "edit_summary": "It was missing."},
    RecordType.EVIDENCE: {
        "version": 1,
        "summary": "Pain was lower after eight weeks.",
        "edit_summary": "More exact.",
    },
    RecordType.LIMITATION: {"version": 1, "text": "Only 20 people took part.", "edit_summary": "More exact."},
}
BULK: Mapping[RecordType, Example] = {
    record_type: {"atomic": True, "edit_summary": "From a table.", "items": items}
    for record_type, items in {
        RecordType.CLAIM: [
            {"statement": "Magnesium lowers pain in fibromyalgia.", "kind": "treatment", "status": "draft"},
            {
                "statement": "Magnesium improves sleep in fibromyalgia.",
                "kind": "treatment",
                "status": "draft",
            },
        ],
        RecordType.STUDY: [
            {
                "title": "Magnesium and widespread pain: a cohort study",
                "year": 2023,
                "publication_state": "published",
                "standing": "current",
            }
        ],
        RecordType.EVIDENCE: [{"claim_id": "CLM-1", **EVIDENCE}],
        RecordType.LIMITATION: [{"claim_id": "CLM-1", **LIMITATION}],
    }.items()
}
