"""Loads the seed: TOML files that are validated and loaded in one transaction, each entry only once."""

import datetime
import functools
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Claim, EvidenceItem, Limitation, Record, SeedRecord, Study, Topic
from claims_app.rules.schemas import ORIGIN_QUOTE, OWN_QUOTE
from claims_app.services.appraisal import appraisals
from claims_app.services.core import records
from claims_app.services.core.errors import Invalid
from claims_app.services.records import claims, evidence, quote_checks, studies, topics
from claims_app.vocabulary import QuoteCheck, RiskOfBias

Entry = dict[str, Any]
R = TypeVar("R", bound=Record | None)
P = TypeVar("P", bound=Claim | EvidenceItem)

_EVIDENCE_DEFAULTS = {"risk_of_bias": RiskOfBias.NOT_ASSESSED.value}


class SeedError(Exception):
    """A seed file that cannot be loaded. The message names the file, the record, the field and the correction."""

    def __init__(self, file: Path, record: str | None, field_name: str | None, sentence: str) -> None:
        place = ", ".join(
            part
            for part in (str(file), record and f"record {record}", field_name and f"field {field_name}")
            if part
        )
        super().__init__(f"{place}: {sentence}")
        self.file, self.record, self.field_name = file, record, field_name


@dataclass
class SeedReport:
    """The number of created records, by record type."""

    created: dict[str, int] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Count `record`."""
        label = record.record_type.label.lower()
        self.created[label] = self.created.get(label, 0) + 1

    @property
    def total(self) -> int:
        """The total number of created records."""
        return sum(self.created.values())


def is_empty(session: Session) -> bool:
    """Return whether the database has no claims, no studies and no record of an earlier seed."""
    return not any(
        session.scalar(select(model.id).limit(1)) for model in (Claim, Study)
    ) and not session.scalar(select(SeedRecord.key).limit(1))


def load_seed(session: WriteSession, folder: Path) -> SeedReport:
    """Load the entries of `folder` that have not been loaded yet, and return the number of created records.

    The caller's transaction makes this all or nothing. An entry that was loaded before is skipped, even if its record
    has been changed or deleted since. Raises SeedError.
    """
    return _Loader(session, folder).load()


class _Loader:
    """Loads one folder, and keeps track of the current file and entry for error messages."""

    def __init__(self, session: WriteSession, folder: Path) -> None:
        self._session = session
        self._folder = folder
        self._report = SeedReport()
        self._loaded = {record.key: record.record_id for record in session.scalars(select(SeedRecord))}
        self._created_studies: set[int] = set()
        self._items: list[tuple[str, Claim, Entry]] = []
        """The evidence items, each with its place and its claim."""

        self._item_keys: list[tuple[str, list[Entry]]] = []
        """The key and the limitations of each of them."""

        self._limitations: list[tuple[str, Claim | EvidenceItem, Entry]] = []
        """The limitations of the current file, each with its place and what it limits."""

        self._article_key = ""
        self._article_text: Entry | None = None
        """The fingerprint of the article, if its quotes were checked against its text."""

        self._file = folder
        self._record: str | None = None

    def load(self) -> SeedReport:
        for entry in self._entries("topics.toml", "topic", key="slug"):
            self._topic(entry)
        self._article()
        for entry in self._entries("studies.toml", "study"):
            self._study(entry)
        for entry in self._entries("claims.toml", "claim"):
            self._claim(entry)
        self._load_limitations()
        for entry in self._entries("evidence.toml", "evidence"):
            self._evidence(entry)
        self._load_evidence()
        self._load_limitations()
        for entry in self._entries("appraisals.toml", "appraisal"):
            self._appraisal(entry)
        return self._report

    def _article(self) -> None:
        """Load the source article as a study, and the fingerprint of its text."""
        content = self._read("article.toml", ("study", "text"))
        self._record = "study"
        entry = self._table(content, "study")
        self._article_key = str(entry.get("key", ""))
        study = self._study(entry)
        self._record = "text"
        text = self._table(content, "text")
        self._check_fingerprint(text)
        self._article_text = text if "quotes_checked" in text else None
        if study is not None and self._is_new("text", text["sha256"]):
            self._remember("text", text["sha256"], studies.record_fingerprint(self._session, study, text))

    def _quoted_from_article(self, record: Claim | Limitation, study_id: int | None) -> None:
        """Mark the quote of a new record as checked, if it is from the article and the file says when it was."""
        names = ORIGIN_QUOTE if isinstance(record, Claim) else OWN_QUOTE
        checked = getattr(record, names.check)
        if self._article_text is None or checked is not QuoteCheck.TEXT_UNAVAILABLE:
            return
        if study_id != self._loaded.get("study:" + self._article_key):
            return
        text = self._article_text
        at = datetime.datetime.combine(text["quotes_checked"], datetime.time(), datetime.UTC)
        study = self._session.get_one(Study, study_id)
        quote_checks.keep_verification(
            self._session, study, record, names, text["length"], text["sha256"], at
        )

    def _check_fingerprint(self, text: Entry) -> None:
        """Check the fields of the text's fingerprint. Raises SeedError."""
        kinds: dict[str, type] = {"label": str, "length": int, "sha256": str, "sections": list}
        checked = text.get("quotes_checked")
        if checked is not None and type(checked) is not datetime.date:
            raise self._error("quotes_checked", "Enter a date, such as 2026-11-28.")
        for name in text:
            if name not in (*kinds, "quotes_checked"):
                raise self._error(
                    name, f"Unknown field. The fields are: {', '.join((*kinds, 'quotes_checked'))}."
                )
        for name, kind in kinds.items():
            if type(text.get(name)) is not kind or not text[name]:
                raise self._error(
                    name,
                    f"Enter {'a list of texts' if kind is list else 'text' if kind is str else 'a whole number'}.",
                )
        if not 0 < text["length"] < 2**31:
            raise self._error("length", "Enter a whole number: the length of the text in characters.")
        if not all(isinstance(section, str) for section in text["sections"]):
            raise self._error("sections", "Enter a list of texts.")
        if not re.fullmatch("[0-9a-f]{64}", text["sha256"]):
            raise self._error("sha256", "Enter the 64 hexadecimal digits of a SHA-256 hash.")

    def _topic(self, entry: Entry) -> None:
        slug = str(entry["slug"])
        if "parent" in entry:
            entry["parent_id"] = self._reference("topic", entry.pop("parent"), "parent")
        if not self._is_new("topic", slug):
            return
        known = self._session.scalar(select(Topic).where(Topic.slug == slug))
        self._remember(
            "topic", slug, known or self._checked(lambda: topics.create_topic(self._session, entry))
        )

    def _study(self, entry: Entry) -> Study | None:
        """Load a study and return it, or None if the entry was loaded before.

        A study that is already in the database, recognised by an identifier, is used without changing it.
        """
        key = str(entry.pop("key", ""))
        if not key:
            raise self._error("key", "Every entry needs a unique key.")
        if not self._is_new("study", key):
            return None
        if "version_of" in entry:
            entry["version_of_id"] = self._reference("study", entry.pop("version_of"), "version_of")
        values = {**studies.DEFAULT_VALUES, **entry}
        study = self._checked(lambda: studies.known_study(self._session, values))
        # If another entry created it, two entries share an identifier: creating it again reports that mistake.
        if study is None or study.id in self._created_studies:
            study = self._checked(
                lambda: studies.create_study(self._session, values, duplicate_is_meant=True)
            )
            self._created_studies.add(study.id)
        self._remember("study", key, study)
        return study

    def _claim(self, entry: Entry) -> None:
        key = str(entry.pop("key"))
        limitations = self._nested(entry)
        if not self._is_new("claim", key):
            return
        if "origin_study" in entry:
            entry["origin_study_id"] = self._reference("study", entry.pop("origin_study"), "origin_study")
        claim = self._checked(lambda: claims.create_claim(self._session, entry, duplicate_is_meant=True))
        self._remember("claim", key, claim)
        if claim.origin_quote is not None:
            self._quoted_from_article(claim, claim.origin_study_id)
        self._collect(key, claim, limitations)

    def _evidence(self, entry: Entry) -> None:
        key = str(entry.pop("key"))
        limitations = self._nested(entry)
        if not self._is_new("evidence", key):
            return
        claim_id = self._reference("claim", entry.pop("claim", None), "claim")
        entry["study_id"] = self._reference("study", entry.pop("study", None), "study")
        claim = records.look_up(self._session, Claim, claim_id)
        if claim is None:
            raise self._error("claim", "This claim has been deleted. Remove the entry from the seed.")
        records.lock(self._session, claim)
        values = {**_EVIDENCE_DEFAULTS, **entry}
        self._items.append((self._record or key, claim, values))
        self._item_keys.append((key, limitations))

    def _appraisal(self, entry: Entry) -> None:
        key = str(entry.pop("key"))
        if not self._is_new("appraisal", key):
            return
        claim_id = self._reference("claim", entry.pop("claim", None), "claim")
        claim = records.look_up(self._session, Claim, claim_id)
        if claim is None:
            raise self._error("claim", "This claim has been deleted. Remove the entry from the seed.")
        appraisal = self._checked(lambda: appraisals.appraise_by_program(self._session, claim, entry))
        self._remember("appraisal", key, appraisal)

    def _collect(self, key: str, parent: Claim | EvidenceItem, limitations: list[Entry]) -> None:
        self._limitations += [
            (f"{key}, limitation {number}", parent, limitation)
            for number, limitation in enumerate(limitations, start=1)
        ]

    def _load_evidence(self) -> None:
        """Load the evidence items of their file, and collect their limitations."""
        made = self._together(
            self._items, evidence.prepare_evidence, evidence.create_evidence_items, _create_evidence
        )
        for (key, limitations), item in zip(self._item_keys, made, strict=True):
            self._remember("evidence", key, item)
            self._collect(key, item, limitations)

    def _load_limitations(self) -> None:
        """Load the limitations of the current file."""
        collected, self._limitations = self._limitations, []
        made = self._together(
            collected,
            evidence.prepare_limitations,
            evidence.create_limitations,
            evidence.create_limitation,
        )
        for (_, parent, _), limitation in zip(collected, made, strict=True):
            self._report.add(limitation)
            if limitation.quote is not None:
                study_id = parent.origin_study_id if isinstance(parent, Claim) else parent.study_id
                self._quoted_from_article(limitation, study_id)

    def _together(
        self,
        entries: Sequence[tuple[str, P, Entry]],
        prepare: Callable[[WriteSession, Sequence[tuple[P, Entry]]], list[Entry | None]],
        create_all: Callable[[WriteSession, Sequence[Entry]], list[R]],
        create: Callable[[WriteSession, P, Entry], R],
    ) -> list[R]:
        """Return the records of `entries` (place, parent and values), which are created at once if they are valid.

        That is much faster than one by one. Raises SeedError.
        """
        prepared = prepare(self._session, [(parent, values) for _, parent, values in entries])
        at_once = iter(create_all(self._session, [values for values in prepared if values is not None]))
        made = []
        for (place, parent, raw), values in zip(entries, prepared, strict=True):
            self._record = place
            if values is None:
                made.append(self._checked(functools.partial(create, self._session, parent, raw)))
            else:
                made.append(next(at_once))
        return made

    def _nested(self, entry: Entry) -> list[Entry]:
        limitations = entry.pop("limitation", [])
        if not isinstance(limitations, list) or not all(isinstance(item, dict) for item in limitations):
            raise self._error(
                "limitation", "Write each limitation as a separate table, with double brackets."
            )
        return limitations

    def _is_new(self, kind: str, key: str) -> bool:
        return f"{kind}:{key}" not in self._loaded

    def _remember(self, kind: str, key: str, record: Record) -> None:
        name = f"{kind}:{key}"
        self._loaded[name] = record.id
        self._session.add(SeedRecord(key=name, record_type=record.record_type, record_id=record.id))
        self._report.add(record)

    def _reference(self, kind: str, key: object, field_name: str) -> int:
        """Return the id of the record created by the entry `key`. Raises SeedError if there is none yet."""
        number = self._loaded.get(f"{kind}:{key}")
        if number is None:
            raise self._error(field_name, f"“{key}” is not the key of a {kind} before this entry.")
        return number

    def _checked(self, make: Callable[[], R]) -> R:
        """Return the result of `make`. Raises SeedError with the place in the files if it raises Invalid."""
        try:
            return make()
        except Invalid as refused:
            field_name, sentences = next(iter(refused.errors.items()))
            raise self._error(field_name, " ".join(sentences)) from None

    def _entries(self, file_name: str, table: str, key: str = "key") -> Iterator[Entry]:
        """Yield a copy of each `[[table]]` of a file, after checking that its key is present and unique."""
        entries = self._read(file_name, (table,)).get(table, [])
        if not isinstance(entries, list):
            raise self._error(table, f"Write each record as a separate table: [[{table}]].")
        seen: set[str] = set()
        for position, entry in enumerate(entries, start=1):
            if not isinstance(entry, dict):
                raise self._error(table, f"Write each record as a separate table: [[{table}]].")
            self._record = f"{position} ({entry.get(key, f'no {key}')})"
            name = entry.get(key)
            if not isinstance(name, str) or not name:
                raise self._error(key, f"Every entry needs a {key} that is text.")
            if name in seen:
                raise self._error(key, f"“{name}” occurs twice in this file.")
            seen.add(name)
            yield dict(entry)

    def _read(self, file_name: str, tables: tuple[str, ...]) -> Entry:
        """Return the content of a file. Raises SeedError if it cannot be read or has other tables than `tables`."""
        self._file, self._record = self._folder / file_name, None
        try:
            content = tomllib.loads(self._file.read_text(encoding="utf-8"))
        except OSError as error:
            raise self._error(None, f"The file cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError as error:
            raise self._error(None, f"The file is not UTF-8 (byte {error.start}).") from None
        except tomllib.TOMLDecodeError as error:
            raise self._error(None, f"This is not TOML: {error}.") from None
        for name in content:
            if name not in tables:
                raise self._error(name, f"Unknown table. The tables are: {', '.join(tables)}.")
        return content

    def _table(self, content: Entry, name: str) -> Entry:
        if not isinstance(content.get(name), dict):
            raise self._error(None, f"The table [{name}] is missing.")
        return dict(content[name])

    def _error(self, field_name: str | None, sentence: str) -> SeedError:
        return SeedError(self._file, self._record, field_name, sentence)


def _create_evidence(session: WriteSession, claim: Claim, values: Entry) -> EvidenceItem:
    """Create an evidence item, also if its study is linked to the claim already."""
    return evidence.create_evidence(session, claim, values, duplicate_is_meant=True)
