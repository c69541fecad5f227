"""Writes studies, study groups and stored texts. Nothing else writes them."""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Study, StudyGroup, StudySpecies, StudyText
from claims_app.models.levels import lock_claims_of
from claims_app.models.study import ABSTRACT as ABSTRACT
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.rules.text import normalise_newlines
from claims_app.services.core import authorization, quotes, records
from claims_app.services.core.errors import Invalid, LooksLike, StaleVersion
from claims_app.services.core.many import one_of
from claims_app.services.records import look_alikes
from claims_app.services.records.record_kind import RecordKind, Writing
from claims_app.vocabulary import PublicationState, Species, Standing

OF_ONE_REPORT = ("doi", "pmid", "pmcid")
"""Identifiers that are unique to a report. Reports of one trial share its registry number."""

DEFAULT_VALUES: Mapping[str, object] = {
    "publication_state": PublicationState.PUBLISHED.value,
    "standing": Standing.CURRENT.value,
}
"""The default values of a new study, as values of its form."""


@dataclass(frozen=True)
class NewStudy:
    """The values to store for a new study, and for its abstract, if it has one."""

    values: Mapping[str, Any]
    abstract: Any = None


def create_study(
    session: WriteSession,
    raw: Mapping[str, object],
    study: Study | None = None,
    *,
    duplicate_is_meant: bool = False,
) -> Study:
    """Create a study from `raw`; `study` is the empty record when a deleted study is restored.

    Raises NotAllowed, Invalid, and LooksLike if there is a study with the same title, year and author, unless
    `duplicate_is_meant`.
    """
    authorization.require(session, Permission.CREATE)
    if not duplicate_is_meant:
        values = records.clean(schemas.STUDY, raw)
        _refuse_known_identifiers(session, study or Study(), values)
        if existing := look_alikes.studies_like(session, values):
            raise LooksLike(existing)
    return _write(session, study or Study(), raw)


def prepare_studies(
    session: Session, several: Sequence[tuple[Mapping[str, object], str]]
) -> list[NewStudy | None]:
    """Return what `create_studies` adds for the values and the abstract of each new study.

    It is None for those that have to be created one by one: their values are not valid, they are linked to other
    records, or another study has one of their identifiers.
    """
    cleaned = [schemas.STUDY.clean(raw) for raw, _ in several]
    taken = _taken_identifiers(session, [values for values, errors in cleaned if not errors])
    prepared: list[NewStudy | None] = []
    for (values, errors), (_, abstract) in zip(cleaned, several, strict=True):
        own = {(name, values[name]) for name in OF_ONE_REPORT if values.get(name) is not None}
        content = None
        if abstract.strip():
            text, wrong = schemas.STUDY_TEXT.clean({"label": ABSTRACT, "content": abstract})
            content, errors = text.get("content"), {**errors, **wrong}
        is_alone = errors or values["group"] is not None or values["version_of_id"] is not None
        prepared.append(None if is_alone or own & taken else NewStudy(values, content))
        taken |= own
    return prepared


def create_studies(session: WriteSession, several: Sequence[NewStudy]) -> list[Study]:
    """Create studies with their abstracts, all at once, as `create_study` and `keep_abstract` do one by one.

    Raises NotAllowed, and StaleVersion or Invalid if others wrote the same at the same time.
    """
    authorization.require(session, Permission.CREATE)
    made = []
    for new in several:
        values = {name: value for name, value in new.values.items() if name not in ("group", "species")}
        rows = [StudySpecies(species) for species in new.values["species"]]
        made.append(Study(**values, species_rows=rows))
    records.add_all(session, made)
    records.save(session, schemas.STUDY)
    of_studies = zip(made, several, strict=True)
    texts = [_text_of(study, ABSTRACT, new.abstract) for study, new in of_studies if new.abstract is not None]
    records.add_all(session, texts)
    records.save(session, schemas.STUDY_TEXT)
    return made


def update_study(session: WriteSession, study: Study, version: int, raw: Mapping[str, object]) -> Study:
    """Update `study`, which was read at `version`, from `raw`.

    Raises NotAllowed, NeedsReview, StaleVersion and Invalid.
    """
    authorization.require_now(session, Permission.EDIT, study)
    records.require_version(study, version)
    return _write(session, study, raw)


def delete_study(session: WriteSession, study: Study, version: int) -> None:
    """Delete `study`.

    Raises NotAllowed, NeedsReview, StaleVersion, and InUse if evidence, claims, texts or earlier versions are linked
    to it, or other studies were merged into it.
    """
    authorization.require_now(session, Permission.DELETE, study)
    records.delete(session, study, version)


def attach_text(session: WriteSession, study: Study, raw: Mapping[str, object]) -> StudyText:
    """Store a text of `study`, and check the quotes of the study against it.

    If the study has the fingerprint of this text (same SHA-256, no content), the content is added to it. Raises
    NotAllowed, and Invalid if the text is already stored.
    """
    authorization.require(session, Permission.CREATE)
    values = records.clean(schemas.STUDY_TEXT, raw)
    content = values["content"]
    digest = text_digest(content)
    text = session.scalar(select(StudyText).where(StudyText.study_id == study.id, StudyText.sha256 == digest))
    if text is None:
        text = _text_of(study, values["label"], content)
        session.add(text)
    elif text.content is not None:
        raise Invalid({"content": [f"This text is already attached as “{text.label}” ({text.public_id})."]})
    text.content = content
    records.save(session, schemas.STUDY_TEXT)
    quotes.recheck(session, study.id)
    records.save(session)
    return text


def record_fingerprint(session: WriteSession, study: Study, raw: Mapping[str, Any]) -> StudyText:
    """Store the length and SHA-256 of a text of `study`, without the text itself."""
    text = StudyText(
        study_id=study.id,
        label=raw["label"],
        length=raw["length"],
        sha256=raw["sha256"],
        sections=list(raw.get("sections", ())),
    )
    session.add(text)
    records.save(session)
    return text


def delete_text(session: WriteSession, text: StudyText, version: int) -> None:
    """Delete a stored text, and check the quotes of its study again. Raises NotAllowed and StaleVersion."""
    authorization.require(session, Permission.DELETE)
    study_id = text.study_id
    records.delete(session, text, version)
    quotes.recheck(session, study_id)
    records.save(session)


def text_digest(content: str) -> str:
    """Return the SHA-256 of a text in UTF-8 with line feeds, in hexadecimal digits."""
    return hashlib.sha256(normalise_newlines(content).encode()).hexdigest()


def _write(session: WriteSession, study: Study, raw: Mapping[str, object]) -> Study:
    """Validate `raw`, save it as the values of `study`, and return that. Raises Invalid and StaleVersion."""
    values = records.clean(schemas.STUDY, raw)
    _refuse_known_identifiers(session, study, values)
    group = values.pop("group")
    values["group"] = None if group is None else find_or_create_group(session, group)
    version_of = values["version_of_id"]
    if version_of is not None:
        if version_of != study.version_of_id:
            _lock_versions(session, study, version_of)
        published = records.look_up(session, Study, version_of)
        if published is None:
            raise Invalid({"version_of_id": ["There is no such study. Choose one from the list."]})
        if published.id == study.id:
            raise Invalid({"version_of_id": ["A study cannot be a version of itself. Choose another one."]})
        values["version_of_id"] = published.id
        if published.version_of_id is not None:
            sentence = f"{published.public_id} is itself an earlier version. Choose its published version."
            raise Invalid({"version_of_id": [sentence]})
        earlier = select(Study.id).where(Study.version_of_id == study.id, Study.merged_into_id.is_(None))
        if study.id and session.scalar(earlier.limit(1)):
            raise Invalid({"version_of_id": ["Another study has this one as its published version."]})
    species: list[Species] = values.pop("species")
    with session.no_autoflush:  # one change is one revision
        records.assign(study, values)
        _assign_species(study, species)
    session.add(study)
    records.save(session, schemas.STUDY)
    return study


def _lock_versions(session: WriteSession, study: Study, version_of: int) -> None:
    """Lock both studies: they must not become versions of each other at the same moment. Raises StaleVersion."""
    if session.only_judges:
        return
    version = study.version
    if study in session:
        lock_claims_of(session, study)
    numbers = [number for number in (study.id, version_of) if number is not None]
    both = select(Study).where(Study.id.in_(numbers)).order_by(Study.id)
    both = both.with_for_update(key_share=True, of=Study).execution_options(populate_existing=True)
    session.scalars(both).all()
    if study.version != version:
        raise StaleVersion(study)


def _assign_species(study: Study, species: list[Species]) -> None:
    """Set the species of `study`, keeping the rows that do not change."""
    for row in [row for row in study.species_rows if row.species not in species]:
        study.species_rows.remove(row)
    present = {row.species for row in study.species_rows}
    study.species_rows.extend(StudySpecies(item) for item in species if item not in present)


def keep_abstract(session: WriteSession, study: Study, abstract: str | None) -> None:
    """Attach the abstract from a service or a file, unless it is empty or already stored.

    Raises NotAllowed, and Invalid if it is too long.
    """
    if abstract is None or not abstract.strip():
        return
    digest = text_digest(normalise_newlines(abstract).strip())
    there = select(StudyText.id).where(StudyText.study_id == study.id, StudyText.sha256 == digest)
    if session.scalar(there.where(StudyText.content.is_not(None)).limit(1)) is None:
        attach_text(session, study, {"label": ABSTRACT, "content": abstract})


def _text_of(study: Study, label: str, content: str) -> StudyText:
    return StudyText(
        study_id=study.id,
        label=label,
        content=content,
        length=len(content),
        sha256=text_digest(content),
        sections=[],
    )


def known_study(session: Session, raw: Mapping[str, object]) -> Study | None:
    """Return the study that has one of the identifiers in `raw`, or None. Raises Invalid."""
    return find_by_identifiers(session, records.clean(schemas.STUDY, raw))


def find_by_identifiers(session: Session, values: Mapping[str, object]) -> Study | None:
    """Return the study that has one of the identifiers in `values`, which are validated, or None.

    A registry number identifies a study only if neither has another identifier: then both are the registry record.
    """
    for name in OF_ONE_REPORT:
        if values.get(name) is not None:
            study = session.scalar(select(Study).where(getattr(Study, name) == values[name]))
            if study is not None:
                return records.resolve_merge(session, study)
    if values.get("registry_id") is None or any(values.get(name) is not None for name in OF_ONE_REPORT):
        return None
    no_other = [getattr(Study, name).is_(None) for name in OF_ONE_REPORT]
    study = session.scalar(
        select(Study).where(Study.registry_id == values["registry_id"], *no_other).order_by(Study.id).limit(1)
    )
    return None if study is None else records.resolve_merge(session, study)


def known_identifiers(session: Session, values: Mapping[str, object]) -> dict[str, Study]:
    """Return those of the identifiers in `values` that a study has, each with the study; invalid ones are ignored."""
    owners = {}
    for name in OF_ONE_REPORT:
        try:
            value = schemas.STUDY.field(name).clean(values.get(name))
        except ValueError:
            continue
        if value is not None and (owner := find_by_identifiers(session, {name: value})) is not None:
            owners[name] = owner
    return owners


def _taken_identifiers(session: Session, several: Sequence[Mapping[str, Any]]) -> set[tuple[str, object]]:
    """Return those of the identifiers of several studies that a study has."""
    taken: set[tuple[str, object]] = set()
    for name in OF_ONE_REPORT:
        column = getattr(Study, name)
        if wanted := {values[name] for values in several if values[name] is not None}:
            taken.update(
                (name, value)
                for value in session.scalars(select(column).where(one_of(session, column, wanted)))
            )
    return taken


def _refuse_known_identifiers(session: Session, study: Study, values: Mapping[str, Any]) -> None:
    """Raise Invalid, naming the other study, if another study has one of the identifiers; or StaleVersion."""
    errors = {}
    for name in OF_ONE_REPORT:
        if values[name] is None:
            continue
        other = session.scalar(select(Study).where(getattr(Study, name) == values[name]))
        if other is None or other is study:
            continue
        if other.id == study.id:
            raise StaleVersion  # somebody else has just restored it
        kept = records.resolve_merge(session, other)
        if kept.id == study.id:
            errors[name] = [
                f"{other.public_id}, which was merged into this study, already has it. Leave this field empty."
            ]
        else:
            errors[name] = [f"{kept.public_id} already has it: {kept.title}"]
    if errors:
        raise Invalid(errors)


def find_or_create_group(session: WriteSession, name: str) -> StudyGroup:
    """Return the study group called `name`; create it if there is none."""
    # The same name in another normal form of Unicode is the same group.
    forms = {name, *(unicodedata.normalize(form, name) for form in ("NFC", "NFD"))}
    known = select(StudyGroup).where(StudyGroup.name.in_(forms)).order_by(StudyGroup.id)
    group = session.scalar(known.limit(1))
    if group is None:
        group = StudyGroup(name=name)
        session.add(group)
    return group


KIND = RecordKind(
    Study,
    schemas.STUDY,
    Writing(
        restore=lambda session, _state, raw, empty: create_study(
            session, raw, empty, duplicate_is_meant=True
        ),
        update=update_study,
        delete=delete_study,
    ),
)
