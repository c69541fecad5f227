"""Finds the study that a notice is about, for notices that come as records of files or services."""

import re
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from claims_app.models import Study
from claims_app.models.matching import paper_of
from claims_app.rules.notices import LOOKS_LIKE, notice_in
from claims_app.rules.title_agreement import titles_agree
from claims_app.rules.titles import Title
from claims_app.services.deduplication import study_matching
from claims_app.services.records import studies

_LOOKS_LIKE = tuple(LOOKS_LIKE.values())
_PMID = re.compile(r"PMID:? *(\d{1,9})")


def is_notice(values: Mapping[str, object], warnings: Sequence[str] = ()) -> bool:
    """Return whether a record with these values is a notice, by its title or by the `warnings` of the reader."""
    return any(text.startswith(_LOOKS_LIKE) for text in warnings) or (
        notice_in(str(values.get("title") or "")) is not None
    )


def study_of_notice(
    session: Session, values: Mapping[str, object], warnings: Sequence[str] = ()
) -> Study | None:
    """Return the study that the notice with these values is about; None for another record, or if it is not known.

    The `warnings` are those of the reader, which repeat what a service says about the notice.
    """
    if not is_notice(values, warnings):
        return None
    title = str(values.get("title") or "")
    notice = notice_in(title)
    of_service = [text for text in warnings if text.startswith(_LOOKS_LIKE)]
    for text in of_service:
        if found := _PMID.search(text):
            study = studies.find_by_identifiers(session, {"pmid": found[1]})
            if study is not None:
                return study
    about = notice.about if notice else title
    if len(Title(about).significant) < 2:
        return None
    wanted = Title(about)
    # By its title alone: a notice has other authors, and may come many years later.
    near = study_matching.matches(session, {"title": about}, limit=20)
    return next((one.study for one in near if titles_agree(wanted, paper_of(one.study).title)), None)


def described(session: Session, values: Mapping[str, object]) -> str | None:
    """Return sentences about a record that looks like a notice, and the study it is about; None for another record."""
    notice = notice_in(str(values.get("title") or ""))
    if notice is None:
        return None
    return f"{LOOKS_LIKE[notice.nature]}, not a study. {about(session, values) or ''}".strip()


def about(session: Session, values: Mapping[str, object], warnings: Sequence[str] = ()) -> str | None:
    """Return a sentence that names the study that a notice is about, or None."""
    study = study_of_notice(session, values, warnings)
    if study is None:
        return None
    return (
        f"It seems to be about {study.public_id}, {study.citation}. Check the standing of {study.public_id}."
    )
