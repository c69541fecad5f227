"""What the pages can write, the API can write: each form of the pages has its operation, or a reason to have none."""

from collections.abc import Mapping

from flask import Flask

from claims_app.web.api.routes import SECTIONS
from tests.conftest import on_one_database

ACCOUNT = (
    "A token gives access to records, and not to accounts: it must not lead to a password or another token."
)
SITE = "What the site sends to other sites is set up by a person, not by a program that one of them may run."
SITE_STATUS = "Admins look after the site itself here; jobs and tokens are no records."
LOGIN = "It is about the session of a browser; a program has a token."

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "appraisals.call_off": ("cancel_appraisal_round",),
    "appraisals.discard": ("discard_appraisal_draft",),
    "appraisals.open_round": ("open_appraisal_round",),
    "appraisals.save": ("create_appraisal", "save_appraisal_draft"),
    "appraisals.take_over": ("take_over_appraisal",),
    "claims.delete": ("delete_claim",),
    "claims.edit": ("change_claim",),
    "claims.new": ("create_claim",),
    "discussion.comment": ("comment_on_claim", "comment_on_evidence", "comment_on_proposal"),
    "discussion.flag": ("flag_claim", "flag_evidence"),
    "discussion.hide": ("hide_comment",),
    "discussion.mark_read": ("read_mentions",),
    "discussion.resolve": ("resolve_flag",),
    "discussion.take_back": ("withdraw_flag",),
    "discussion.withdraw": ("withdraw_comment",),
    "drafts.discard": ("discard_draft",),
    "evidence.delete": ("delete_evidence",),
    "evidence.delete_limitation": ("delete_limitation",),
    "evidence.edit": ("change_evidence",),
    "evidence.edit_limitation": ("change_limitation",),
    "evidence.new": ("create_evidence",),
    "evidence.new_claim_limitation": ("create_limitation_of_claim",),
    "evidence.new_evidence_limitation": ("create_limitation_of_evidence",),
    "history.restore": tuple(
        f"restore_{kind}" for kind in ("claim", "study", "evidence", "limitation", "watch")
    ),
    "history.show": tuple(f"revert_{kind}" for kind in ("claim", "study", "evidence", "limitation", "watch")),
    "inbox.bring_back": ("bring_back_candidate",),
    "inbox.complete": ("complete_candidate",),
    "inbox.hand_on": ("hand_on_candidate",),
    "inbox.later": ("postpone_candidate",),
    "inbox.link": ("link_candidate",),
    "inbox.not_relevant": ("judge_not_relevant",),
    "inbox.study": ("take_as_study",),
    "merging.merge": ("merge_claims", "merge_studies"),
    "merging.unmerge": ("unmerge_claims", "unmerge_studies"),
    "reports.accept": ("accept_report",),
    "reports.dismiss": ("dismiss_report",),
    "review.decide_several": ("accept_claim", "reject_claim"),
    "review.declare": ("declare_conflict",),
    "review.end_conflict": ("end_conflict",),
    "review.propose_again": ("propose_again",),
    "review.show": tuple(
        f"{verb}_{kind}"
        for verb in ("accept", "reject")
        for kind in ("claim", "study", "evidence", "limitation", "watch", "proposal")
    ),
    "review.withdraw": ("withdraw_proposal",),
    "studies.check_quotes": ("check_quotes",),
    "studies.delete": ("delete_study",),
    "studies.delete_text": ("delete_text",),
    "studies.dismiss_overlap": ("dismiss_overlap",),
    "studies.duplicate_distinct": ("keep_distinct",),
    "studies.duplicate_forget": ("forget_distinction",),
    "studies.duplicate_preprint": ("link_preprint",),
    "studies.edit": ("change_study",),
    "studies.group_overlap": ("group_studies",),
    "studies.new": ("create_study",),
    "studies.new_text": ("create_text",),
    "studies.take_over_standing": ("take_over_standing",),
    "study_intake.add": ("add_to_inbox", "complete_candidate", "take_as_study"),
    "topics.edit": ("change_topic",),
    "views.delete": ("delete_view",),
    "views.edit": ("rename_view",),
    "views.new": ("save_view",),
    "watches.delete": ("delete_watch",),
    "watches.edit": ("change_watch",),
    "watches.new": ("create_watch",),
}
"""The operations that do what a page does, by the endpoint of the page."""

NONE: Mapping[str, str] = {
    "account": ACCOUNT,
    "admin": SITE_STATUS,
    "auth": LOGIN,
    "orcid": ACCOUNT,
    "users": ACCOUNT,
    "webhooks": SITE,
    "history.look": "A bookmark on the page of changes; a program keeps the number of the last change itself.",
    "importing": "A file with a preview of each row, for people; a program adds many records in one request.",
    "reports.report": "For readers without an account; a program has one, and raises a flag.",
}
"""Why a page, or all pages of a blueprint, have no operation."""


@on_one_database
def test_each_form_of_the_pages_has_an_operation_or_a_reason_to_have_none(app: Flask) -> None:
    writing = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"} and not rule.endpoint.startswith("api.")
    }
    excepted = {endpoint for endpoint in writing if endpoint in NONE or endpoint.partition(".")[0] in NONE}
    assert writing - excepted == set(OPERATIONS), "a new form needs its operation in the API"
    used = excepted | {endpoint.partition(".")[0] for endpoint in excepted}
    assert set(NONE) <= used, "an exception for a page that is no longer there"


def test_the_operations_are_there_and_write() -> None:
    methods = {operation.name: operation.method for section in SECTIONS for operation in section}
    for endpoint, names in OPERATIONS.items():
        for name in names:
            assert methods.get(name) in ("POST", "PUT", "PATCH", "DELETE"), (endpoint, name)
