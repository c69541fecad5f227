"""From the values that the formats share to the fields of a study: a builder that each reader fills.

A reader adds the values as they are; `ReferenceBuilder.finish` cleans them by the rules of a study
(`rules/schemas/study.py`). Invalid values are left out with a warning.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from claims_app.formats.references import ours
from claims_app.rules import dois, identifiers
from claims_app.rules.overlap import orcid_of
from claims_app.rules.preprints import is_preprint, is_preprint_type
from claims_app.rules.reference import Reference, Unreadable
from claims_app.rules.schemas.study import STUDY
from claims_app.rules.text import normalise_newlines, one_line
from claims_app.vocabulary import PublicationState, Species, StudyDesign

_YEAR = re.compile(r"(?<![0-9])(1[5-9][0-9]{2}|20[0-9]{2})(?![0-9])")
_PUBMED = re.compile(
    r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/(?:entrez/)?pubmed|pubmed\.gov)/([0-9]{1,9})\b"
)
_PMC = re.compile(r"/articles/(PMC[0-9]{1,10})\b", re.IGNORECASE)
_RESOLVER = re.compile(r"^https?://(?:dx\.|www\.)?doi\.org/", re.IGNORECASE)
_TRIAL_PAGE = re.compile(
    r"^https?://(?:www\.|classic\.|beta\.)?(?:clinicaltrials\.gov|isrctn\.(?:com|org))/\S{0,80}?((?:NCT|ISRCTN)[0-9]{8})\b",
    re.IGNORECASE,
)
_EXTRA = re.compile(r"^\s*(PMID|PMCID|DOI)\s*:\s*(\S+)\s*$", re.IGNORECASE)
_INITIALS = re.compile(r"^(.+?) ([^\W\d_a-z]{1,4})(?: (Jr|Sr|[IVX]+|\dnd|\drd|\dth))?$")
_TIGHT_INITIALS = re.compile(r"^([^,]+),((?:[^\W\d_a-z]\.?-?){1,4}(?:,.*)?)$")
_RETRACTED = re.compile(r"^\W*(retracted|retraction|withdrawn)\b", re.IGNORECASE)

_DESIGNS = (
    # MEDLINE publication types (NLM, "Publication Characteristics"), the most specific first.
    ("systematic review", StudyDesign.SYSTEMATIC_REVIEW),
    ("meta-analysis", StudyDesign.SYSTEMATIC_REVIEW),
    ("randomized controlled trial", StudyDesign.RANDOMISED_TRIAL),
    ("controlled clinical trial", StudyDesign.NON_RANDOMISED_TRIAL),
    ("case reports", StudyDesign.CASE_SERIES),
    ("review", StudyDesign.NARRATIVE_REVIEW),
    ("editorial", StudyDesign.EXPERT_OPINION),
    ("comment", StudyDesign.EXPERT_OPINION),
    ("consensus development conference", StudyDesign.EXPERT_OPINION),
    ("news", StudyDesign.NEWS_REPORT),
    ("newspaper article", StudyDesign.NEWS_REPORT),
)
_NOTICES = {
    "retracted publication": "PubMed lists this study as retracted. Check its standing.",
    "retraction of publication": "This is a retraction notice, not a study.",
    "retraction notice": "This is a retraction notice, not a study.",
    "expression of concern": "This is an expression of concern, not a study.",
    "published erratum": "This is a correction of another record, not a study.",
}
MAY_BE_ABSTRACT = "Treated as a conference abstract. If it is a full paper, change the publication state."


# Invisible, and refused by every field; a JSON escape can even produce half a character.
_CONTROLS = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")


@dataclass
class ReferenceBuilder:
    """The values of one report while it is being read, in the order of the file."""

    title: str = ""
    authors: list[str] = field(default_factory=list)
    date: str = ""
    journal: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    dois: list[str] = field(default_factory=list)
    pmids: list[str] = field(default_factory=list)
    pmcids: list[str] = field(default_factory=list)
    registry_ids: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    state: PublicationState | None = None
    may_be_registered: bool = False
    """Whether a registry number makes this a registry record, because its type is not one for papers."""
    publication_types: list[str] = field(default_factory=list)
    mesh: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Notes, in which other programs store values without a field, such as “PMID: 34196305”."""
    abstract: str = ""
    keywords: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def finish(self, *, line: int, source: str) -> Reference | Unreadable:
        """Return the reference, or an unreadable record if it has neither a title nor an identifier."""
        values: dict[str, object] = {}
        self._read_notes()
        self._read_urls()
        self._put(values, "title", self.title)
        authors = [name for name in map(tidy_name, self.authors) if name]
        self._put(values, "authors", authors)
        self._put_year(values)
        for name in ("journal", "volume", "issue", "pages"):
            self._put(values, name, getattr(self, name))
        self._put_identifier(values, "doi", self.dois, find_doi)
        self._put_identifier(values, "pmid", self.pmids, identifiers.normalise_pmid)
        self._put_identifier(values, "pmcid", self.pmcids, identifiers.normalise_pmcid)
        self._put_identifier(values, "registry_id", self.registry_ids, find_registry_id)
        self._put_url(values)
        self._put_publication_types(values)
        self._put_state(values)
        if species := species_of(self.mesh):
            values["species"] = [each.value for each in species]
        for note in self.notes:
            self._put_ours(values, note)
        if not values.keys() & {"title", "doi", "pmid", "pmcid", "registry_id"}:
            return Unreadable(
                reason="This record has neither a title nor an identifier.", line=line, source=source
            )
        if "title" not in values:
            self.warnings.append("This record has no title.")
        elif _RETRACTED.match(str(values["title"])):
            self.warnings.append(
                "According to its title, this study was retracted or withdrawn. Check its standing."
            )
        return Reference(
            values=values,
            abstract=_CONTROLS.sub("", normalise_newlines(self.abstract)).strip(),
            keywords=tuple(dict.fromkeys(filter(None, map(_clean, self.keywords)))),
            line=line,
            source=source,
            warnings=tuple(dict.fromkeys(self.warnings)),
        )

    def warn_of(self, types: Iterable[str]) -> None:
        """Add the warnings that publication types give about the standing of a study."""
        names = [one_line(name).casefold() for name in types]
        self.warnings += [_NOTICES[name] for name in names if name in _NOTICES]

    def warn_left_out(self, name: str, value: object, why: object) -> None:
        """Add a warning that `value` was left out of the field `name`, with the reason."""
        shown = _clean("; ".join(value) if isinstance(value, list) else str(value))
        shown = shown if len(shown) <= 80 else shown[:79] + "…"
        self.warnings.append(f"{STUDY.field(name).label} left out (“{shown}”). {why}")

    def _put(self, values: dict[str, object], name: str, value: str | list[str]) -> None:
        """Put `value` into the field `name`, or add a warning with the reason why it is invalid."""
        tidy = _clean(value) if isinstance(value, str) else [_clean(each) for each in value]
        try:
            if tidy and STUDY.field(name).parse(tidy) is not None:
                values[name] = tidy
        except ValueError as error:
            self.warn_left_out(name, tidy, error)

    def _put_year(self, values: dict[str, object]) -> None:
        if found := _YEAR.search(self.date):
            self._put(values, "year", found.group(1))
        elif one_line(self.date):
            self.warn_left_out("year", self.date, "It contains no year.")

    def _put_identifier(
        self, values: dict[str, object], name: str, found: Iterable[str], read: Callable[[str], str]
    ) -> None:
        """Put the first valid identifier of those `found`; warn about further and invalid ones."""
        refused: list[tuple[str, ValueError]] = []
        for text in dict.fromkeys(filter(None, map(_clean, found))):
            try:
                identifier = read(text)
                STUDY.field(name).parse(identifier)
            except ValueError as error:
                refused.append((text, error))
                continue
            if values.setdefault(name, identifier) != identifier:
                self.warn_left_out(name, identifier, f"The record also has {values[name]}.")
        # Another kind of number often comes with the right one (“S0140-6736(20)30183-5 [pii]”).
        if name not in values:
            for text, why in refused:
                self.warn_left_out(name, text, why)

    def _put_url(self, values: dict[str, object]) -> None:
        """Put the first web address that does not just repeat the DOI."""
        web = [
            url
            for url in map(str.strip, self.urls)
            if url.startswith(("https://", "http://")) and len(url) > 8
        ]
        own = [url for url in web if not (_RESOLVER.match(url) and "doi" in values)]
        if own:
            self._put(values, "url", own[0])

    def _put_publication_types(self, values: dict[str, object]) -> None:
        types = [one_line(name).casefold() for name in self.publication_types]
        design = next((term for name, term in _DESIGNS if name in types), None)
        if design:
            values["design"] = design.value
        self.warn_of(types)
        if any(map(is_preprint_type, types)):
            self.state = PublicationState.PREPRINT
        elif "congress" in types or "meeting abstract" in types:
            self.state = PublicationState.ABSTRACT_ONLY

    def _put_state(self, values: dict[str, object]) -> None:
        state = self.state
        if state is None and self.may_be_registered and "registry_id" in values and "journal" not in values:
            state = PublicationState.REGISTERED
        if state in {None, PublicationState.PUBLISHED} and is_preprint(
            values.get("journal"), values.get("doi")
        ):
            state = PublicationState.PREPRINT
        values["publication_state"] = (state or PublicationState.PUBLISHED).value

    def _put_ours(self, values: dict[str, object], note: str) -> None:
        """Restore the values that an export of this program wrote into a note."""
        for name, value in ours.read(note).items():
            if name == "orcids":
                _give_orcids(values, value)
                continue
            try:
                if STUDY.field(name).clean(value):
                    values[name] = value
            except ValueError as error:
                self.warn_left_out(name, value, error)

    def _read_notes(self) -> None:
        """Find the identifiers that Zotero and others store in notes, one per line."""
        places = {"pmid": self.pmids, "pmcid": self.pmcids, "doi": self.dois}
        for note in self.notes:
            for text in note.split("\n"):
                if found := _EXTRA.match(text):
                    places[found.group(1).lower()].append(found.group(2))

    def _read_urls(self) -> None:
        """Find identifiers in URLs, for fields that are still empty."""
        for url in self.urls:
            if not self.dois and _RESOLVER.match(url):
                self.dois.append(unquote(url))
            if not self.pmids and (found := _PUBMED.search(url)):
                self.pmids.append(found.group(1))
            if not self.pmcids and (found := _PMC.search(url)):
                self.pmcids.append(found.group(1))
            if self.may_be_registered and not self.registry_ids and (found := _TRIAL_PAGE.match(url)):
                self.registry_ids.append(found.group(1))


def _give_orcids(values: Mapping[str, object], orcids: object) -> None:
    """Append the ORCID iDs, each given with the position of its author, to the names again."""
    authors = values.get("authors")
    for each in orcids if isinstance(orcids, list) else []:
        place, _, orcid = str(each).partition(":")
        at = int(place) - 1 if place.isascii() and place.isdigit() and len(place) < 6 else -1
        if isinstance(authors, list) and 0 <= at < len(authors) and orcid_of(orcid):
            authors[at] = f"{authors[at]} {orcid}"


def _clean(text: str) -> str:
    return _CONTROLS.sub("", one_line(text)).strip()


def find_doi(text: str) -> str:
    """Return the DOI in `text`, which may contain other text. Raises ValueError if there is none."""
    return dois.find_doi(text) or identifiers.normalise_doi(text)


def find_registry_id(text: str) -> str:
    """Return the registry number in `text`, which may start with a registry (“ClinicalTrials.gov/NCT00000123”)."""
    try:
        return identifiers.normalise_registry_id(text)
    except ValueError:
        return identifiers.normalise_registry_id(text.rpartition("/")[2].rpartition(":")[2])


def is_registry_id(text: str) -> bool:
    """Return whether `text` is the number of a registered trial or review, not of another database."""
    try:
        find_registry_id(text)
    except ValueError:
        return False
    return True


def tidy_name(name: str) -> str:
    """Return a name on one line, with a blank after the comma, which some programs omit (“Baldwin,S.A.”)."""
    name = _clean(name)
    if tight := _TIGHT_INITIALS.match(name):
        return f"{tight.group(1)}, {tight.group(2)}"
    return name


def from_initials(name: str) -> str:
    """Return “Goebel, A” for a MEDLINE name “Goebel A”; other names are returned unchanged."""
    found = _INITIALS.match(one_line(name)) if len(name) < 200 else None
    if not found:
        return name
    family, initials, suffix = found.groups()
    return f"{family}, {initials}" + (f", {suffix}" if suffix else "")


def join_name(family: str, given: str, suffix: str = "") -> str:
    """Return “Family, Given, Suffix” from the parts of a name that are not empty."""
    return ", ".join(part for part in map(one_line, (family, given, suffix)) if part)


def join_pages(first: str, last: str) -> str:
    """Return “first-last” from the page numbers that are not empty."""
    first, last = one_line(first), one_line(last)
    return f"{first}-{last}" if first and last and first != last else first or last


def species_of(headings: Sequence[str]) -> list[Species]:
    """Return the species that MeSH headings name (NLM, "MeSH", check tags)."""
    names = [heading.lstrip("*").partition("/")[0].strip() for heading in headings]
    found = [
        (Species.HUMAN, any(name == "Humans" for name in names)),
        (Species.MOUSE, any(re.match(r"Mice\b", name) for name in names)),
        (Species.RAT, any(re.match(r"Rats\b", name) for name in names)),
    ]
    species = [term for term, named in found if named]
    if "Animals" in names and not set(species) & {Species.MOUSE, Species.RAT}:
        species.append(Species.OTHER_ANIMAL)
    return species
