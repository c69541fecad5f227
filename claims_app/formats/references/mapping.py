"""From the values that the formats share to the fields of a study: a builder that each reader fills.

A reader adds the values as they are; `ReferenceBuilder.finish` cleans them by the rules of a study
(`rules/schemas/study.py`). Invalid values are left out with a warning.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from claims_app.formats.references import ours
from claims_app.rules import dois, identifiers, markup, names
from claims_app.rules.notices import LOOKS_LIKE, is_marked_retracted, notice_in
from claims_app.rules.overlap import orcid_of
from claims_app.rules.preprints import is_preprint, is_preprint_type
from claims_app.rules.reference import Reference, Unreadable
from claims_app.rules.schemas.study import STUDY
from claims_app.rules.text import normalise_newlines, one_line, unescape, without_invisible
from claims_app.vocabulary import NoticeNature, PublicationState, Species, StudyDesign

_YEAR = re.compile(
    r"(?<![0-9])(1[5-9][0-9]{2}|20[0-9]{2})(?:(?![0-9])|(?=(?:0[1-9]|1[0-2])[0-3][0-9](?![0-9])))"
)
_PUBMED = re.compile(
    r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/(?:m/|entrez/)?pubmed|pubmed\.gov"
    r"|europepmc\.org/(?:article|abstract)/med)/(?:\?term=)?([0-9]{1,9})\b",
    re.IGNORECASE,
)
_PMC = re.compile(r"/articles?/(?:pmc/)?(PMC[0-9]{1,10})\b", re.IGNORECASE)
_RESOLVER = re.compile(r"^https?://(?:dx\.|www\.)?doi\.org/", re.IGNORECASE)
_TRIAL_PAGE = re.compile(
    r"^https?://(?:www\.|classic\.|beta\.)?(?:clinicaltrials\.gov|isrctn\.(?:com|org))/\S{0,80}?((?:NCT|ISRCTN)[0-9]{8})\b",
    re.IGNORECASE,
)
_EXTRA = re.compile(r"^\s*(PMID|PMCID|DOI)\s*:\s*(\S+)\s*$", re.IGNORECASE)
_DASHES = re.compile(r"\s?(?:[-‐‑‒–—―−﹣－]\s?)+")
_PAGES_WORD = re.compile(r"^(?:pp?|pages?|S\.)[.:]?\s*(?=[A-Za-z]{0,3}[0-9])")
# What programs write where there is nothing. “Na” is a family name.
_NOTHING = re.compile(
    r"(?:NA|N/A|n/a|n\.a\.|#N/A|nan|NaN|NULL|null|None|undefined|-+|–|—|\[?not available\]?)"
)

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
    "retraction of publication": f"{LOOKS_LIKE[NoticeNature.RETRACTION]}, not a study.",
    "retraction notice": f"{LOOKS_LIKE[NoticeNature.RETRACTION]}, not a study.",
    "retraction": f"{LOOKS_LIKE[NoticeNature.RETRACTION]}, not a study.",
    "expression of concern": f"{LOOKS_LIKE[NoticeNature.EXPRESSION_OF_CONCERN]}, not a study.",
    "published erratum": f"{LOOKS_LIKE[NoticeNature.CORRECTION]}, not a study.",
    "erratum": f"{LOOKS_LIKE[NoticeNature.CORRECTION]}, not a study.",
    "corrigendum": f"{LOOKS_LIKE[NoticeNature.CORRECTION]}, not a study.",
}
MAY_BE_ABSTRACT = "Treated as a conference abstract. If it is a full paper, change the publication state."


# Invisible, and refused by every field; a JSON escape can even produce half a character.
_CONTROLS = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")


@dataclass
class ReferenceBuilder:
    """The values of one report while it is being read, in the order of the file."""

    title: str = ""
    authors: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    """Where the year may be; the first that contains one counts."""
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
        self._put_title(values)
        self._put_authors(values)
        self._put_year(values)
        self._put(values, "journal", markup.to_text(self.journal))
        self._put(values, "volume", unescape(self.volume))
        self._put(values, "issue", unescape(self.issue))
        self._put(values, "pages", tidy_pages(unescape(self.pages)))
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
            unfit = [text for text in self.warnings if text.startswith(STUDY.field("title").label)]
            reason = " ".join(unfit) or "This record has neither a title nor an identifier."
            return Unreadable(reason=reason, line=line, source=source)
        if "title" not in values:
            self.warnings.append("This record has no title.")
        elif notice := notice_in(str(values["title"])):
            self.warnings.append(f"{LOOKS_LIKE[notice.nature]}, not a study.")
        elif is_marked_retracted(str(values["title"])):
            self.warnings.append(
                "According to its title, this study was retracted or withdrawn. Check its standing."
            )
        return Reference(
            values=values,
            abstract=given(
                _CONTROLS.sub("", markup.to_paragraphs(normalise_newlines(self.abstract))).strip()
            ),
            keywords=tuple(
                dict.fromkeys(filter(None, (given(_clean(unescape(word))) for word in self.keywords)))
            ),
            line=line,
            source=source,
            warnings=tuple(dict.fromkeys(self.warnings)),
        )

    def add_authors(self, text: str, *, given_first: bool = False, commas: bool = True) -> None:
        """Add the names in a text as programs write it (see `names.split_names`); “et al.” becomes a warning."""
        found = names.split_names(markup.to_text(text), given_first=given_first, commas=commas)
        self.authors += found.names
        if found.more:
            self.warn_more_authors()

    def warn_more_authors(self, words: str = "et al.") -> None:
        """Add the warning that the list of authors is not complete, which these words in it say."""
        self.warnings.append(f"The list of authors ends with “{words}”, so some are missing.")

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
        tidy = given(_clean(value)) if isinstance(value, str) else [_clean(each) for each in value]
        try:
            if tidy and STUDY.field(name).parse(tidy) is not None:
                values[name] = tidy
        except ValueError as error:
            self.warn_left_out(name, tidy, error)

    def _put_title(self, values: dict[str, object]) -> None:
        """Put the title. One that is too long is put, too, so that the record is refused for its length."""
        if title := given(_clean(markup.to_text(self.title))):
            values["title"] = title

    def _put_authors(self, values: dict[str, object]) -> None:
        """Put the authors, as many of the first ones as the field holds."""
        found = [given(_clean(markup.to_text(name))) for name in self.authors]
        if any(map(names.means_more, found)):
            self.warn_more_authors()
        authors = [name for name in found if name and not names.is_nobody(name)]
        room = STUDY.limit("authors") or 0
        kept = 0
        for name in authors:
            room -= len(name) + 1
            if room < -1:
                break
            kept += 1
        if kept < len(authors):
            self.warnings.append(
                f"Only the first {kept:,} of {len(authors):,} authors were taken; the field has no room for more."
            )
        self._put(values, "authors", authors[:kept])

    def _put_year(self, values: dict[str, object]) -> None:
        dates = [date for date in (given(_clean(date)) for date in self.dates) if date]
        found = next(filter(None, map(_YEAR.search, dates)), None)
        if found:
            self._put(values, "year", found.group(1))
        elif dates:
            self.warn_left_out("year", dates[0], "It contains no year.")

    def _put_identifier(
        self, values: dict[str, object], name: str, found: Iterable[str], read: Callable[[str], str]
    ) -> None:
        """Put the first valid identifier of those `found`; warn about further and invalid ones."""
        refused: list[tuple[str, ValueError]] = []
        for text in dict.fromkeys(filter(None, (given(_clean(without_invisible(text))) for text in found))):
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
            for url in (unescape(without_invisible(url)).strip() for url in self.urls)
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
        has_doi, has_pmid, has_pmcid = (
            _any_valid(find_doi, self.dois),
            _any_valid(identifiers.normalise_pmid, self.pmids),
            _any_valid(identifiers.normalise_pmcid, self.pmcids),
        )
        # The address of the resolver before that of a page or a file.
        for url in sorted(self.urls, key=lambda url: _RESOLVER.match(url) is None):
            if not has_doi and (doi := dois.find_doi(url)):
                self.dois.append(doi)
                has_doi = True
            if not has_pmid and (found := _PUBMED.search(url)):
                self.pmids.append(found.group(1))
                has_pmid = True
            if not has_pmcid and (found := _PMC.search(url)):
                self.pmcids.append(found.group(1))
                has_pmcid = True
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


def given(text: str) -> str:
    """Return `text`, or an empty text if it is what programs write where there is nothing, such as “NA”."""
    return "" if len(text) < 20 and _NOTHING.fullmatch(text.strip()) else text


def _any_valid(read: Callable[[str], str], texts: Iterable[str]) -> bool:
    """Return whether `read` accepts one of `texts`."""
    for text in texts:
        try:
            read(text)
        except ValueError:
            continue
        return True
    return False


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


def join_pages(first: str, last: str) -> str:
    """Return “first-last” from the page numbers that are not empty."""
    first, last = given(one_line(first)), given(one_line(last))
    return f"{first}-{last}" if first and last and first != last else first or last


def tidy_pages(pages: str) -> str:
    """Return pages with one hyphen for every kind and number of dashes, without “pp.” and a hyphen at the end."""
    pages = one_line(pages)
    if not any(map(given, pages.split("-"))):
        return ""
    return _DASHES.sub("-", _PAGES_WORD.sub("", pages)).removesuffix("-")


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
