"""BibTeX and BibLaTeX, as written by Zotero, JabRef, Mendeley, Google Scholar and publishers.

Sources: Patashnik, "BibTeXing" (1988); Markey, "Tame the BeaST" (2009), for names and concatenation; the BibLaTeX
manual, section 2, for its types and fields. This module adds group names in braces, which bibtexparser would split.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from bibtexparser.exceptions import ParserStateException
from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names
from bibtexparser.model import Entry, ExplicitComment, ImplicitComment, Preamble, String

from claims_app.formats.references import latex
from claims_app.formats.references.bibtex_entries import START, TWICE, chunks, parents, resolve, split
from claims_app.formats.references.citation import Citation
from claims_app.formats.references.mapping import MAY_BE_ABSTRACT, ReferenceBuilder, given, is_registry_id
from claims_app.formats.references.refusal import RefusedFile, too_long
from claims_app.formats.references.tagged import count_lines
from claims_app.rules.names import Person, join_name, parts_of, split_names, tidy_name
from claims_app.rules.preprints import is_preprint_server, is_preprint_type
from claims_app.rules.reference import Reference, Unreadable
from claims_app.rules.text import one_line
from claims_app.vocabulary import PublicationState

NAME = "BibTeX"

_AND = re.compile(r"\band\b", re.IGNORECASE)
_ARXIV = re.compile(r"\d{4}\.\d{4,5}|[a-z-]{2,20}(?:\.[A-Z]{2})?/\d{7}")
_DASH_COMMAND = re.compile(r"\\text(?:endash|emdash|minus|hyphen)|\$\s?-+\s?\$")
_PAGES_FIELDS = ("pages", "eid", "article-number", "articleno", "article_number")
_LONGEST_NAMES = 200_000
# Each takes the LaTeX parser some 50 µs; ten thousand entries with ten accents have a third of these.
_MOST_COMMANDS = 300_000
_MOST_STRINGS = 10_000
_LONGEST_NAME = 500
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

_OWN = {
    "abstract",
    "author",
    "doi",
    "eid",
    "keywords",
    "note",
    "pages",
    "pmid",
    "pmcid",
    "subtitle",
    "title",
    "url",
}
"""Fields that an entry does not inherit from its book."""
_MEETINGS = {"conference", "inproceedings"}
_MAY_BE_REGISTERED = {"dataset", "electronic", "misc", "online", "www"}


def recognise(head: str) -> bool:
    """Return whether a text that begins with `head` is BibTeX."""
    return START.search(head) is not None


def read(text: str) -> Iterator[Reference | Unreadable]:
    """Yield the records of a file in order. Raises RefusedFile."""
    if text.count("\\") + text.count("$") > _MOST_COMMANDS:
        raise RefusedFile(f"This file has more than {_MOST_COMMANDS:,} LaTeX commands. Split the file.")
    strings = {name: name for name in _MONTHS}
    books = parents(text)
    line, counted = 1, 0
    for start, end, kind in chunks(text):
        line += count_lines(text, counted, start)
        counted = start
        source = text[start:end]
        if kind == "comment":
            continue
        if refused := too_long(len(source), line=line, source=source):
            yield refused
            continue
        try:
            blocks, repaired = split(source)
        except (ParserStateException, IndexError, ValueError) as error:
            yield Unreadable(reason=f"This entry cannot be read: {error}", line=line, source=source)
            continue
        for block in blocks:
            entry = block.ignore_error_block if isinstance(block, TWICE) else block
            if isinstance(entry, String):
                if len(strings) < _MOST_STRINGS:
                    strings[entry.key.lower()] = resolve(str(entry.value), strings)
            elif isinstance(entry, Entry):
                draft = _draft(_Fields(entry, strings, books))
                if repaired:
                    draft.warnings.append(
                        "This entry is not valid BibTeX: a key or a comma was added or left out."
                    )
                yield draft.finish(line=line + _line_of(entry), source=(entry.raw or source).strip())
            elif not isinstance(entry, ImplicitComment | ExplicitComment | Preamble):
                reason = "This entry cannot be read: a brace, a quotation mark or a comma is missing."
                yield Unreadable(
                    reason=reason, line=line + _line_of(block), source=(block.raw or source).strip()
                )


def _line_of(block: object) -> int:
    line = getattr(block, "start_line", 0)
    return max(line, 0) if isinstance(line, int) else 0


class _Fields:
    """The fields of an entry and of those it refers to, decoded on access; `draft` gets the warnings."""

    def __init__(self, entry: Entry, strings: Mapping[str, str], parents: Mapping[str, Entry]) -> None:
        self.kind = entry.entry_type.lower()
        self.draft = ReferenceBuilder()
        self._raw: dict[str, str] = {}
        self._take(entry, strings)
        # A book or proceedings; these may be in a series.
        for _ in range(3):
            key = self.raw("crossref", "xdata", "xref").strip().lower()
            parent = parents.get(key)
            if parent is None or parent is entry:
                break
            for name in ("crossref", "xdata", "xref"):
                self._raw.pop(name, None)
            if "booktitle" not in self._raw and self.kind.startswith(("in", "conf", "supp", "book")):
                titles = {field.key.lower(): field.value for field in parent.fields}
                if title := titles.get("booktitle") or titles.get("title"):
                    self._raw["booktitle"] = resolve(str(title), strings)
            self._take(parent, strings, inherited=True)

    def _take(self, entry: Entry, strings: Mapping[str, str], *, inherited: bool = False) -> None:
        for field in entry.fields:
            name = field.key.lower()
            value = resolve(str(field.value), strings)
            if name == "keywords" and name in self._raw and not inherited:
                # ScienceDirect writes a field for each.
                self._raw[name] += f"; {value}"
            elif not inherited or name not in _OWN:
                self._raw.setdefault(name, value)

    def raw(self, *names: str) -> str:
        values = (self._raw[name] for name in names if self._raw.get(name))
        return next((value for value in values if given(value.strip("{} "))), "")

    def verbatim(self, *names: str) -> str:
        return latex.decode_verbatim(self.raw(*names)).strip()

    def text(self, *names: str) -> str:
        return self.decode(self.raw(*names))

    def decode(self, value: str) -> str:
        """Return the text of a value; invalid and unknown LaTeX is kept as it is, with a warning."""
        try:
            return one_line(latex.decode(value, self._keep))
        except ValueError as error:
            self._keep(value, str(error))
            return one_line(value)

    def _keep(self, piece: str, why: str = "This LaTeX command is not known.") -> None:
        self.draft.warnings.append(f"Kept as it is: “{one_line(piece)[:60]}”. {why}")


def _draft(fields: _Fields) -> ReferenceBuilder:
    draft, kind = fields.draft, fields.kind
    draft.title = fields.text("title")
    if subtitle := fields.text("subtitle"):
        draft.title = f"{draft.title}: {subtitle}" if draft.title else subtitle
    draft.authors = _names(fields, fields.raw("author"), draft)
    draft.dates = [fields.text(name) for name in ("date", "year", "issued", "publication_date", "eventdate")]
    draft.journal = fields.text(
        "journal", "journaltitle", "booktitle", "eventtitle", "shortjournal", "publication title"
    )
    draft.volume, draft.issue = fields.text("volume"), fields.text("number", "issue")
    draft.pages = _pages(fields)
    draft.dois = [fields.verbatim("doi")]
    draft.pmids = [fields.verbatim("pmid")]
    draft.pmcids = [fields.verbatim("pmcid", "pmc")]
    draft.urls = [
        fields.verbatim(name) for name in ("url", "howpublished", "bdsk-url-1", "ee", "link", "adsurl")
    ]
    eprint, archive = fields.verbatim("eprint"), fields.verbatim("eprinttype", "archiveprefix").lower()
    if archive == "pubmed":
        draft.pmids.append(eprint)
    if draft.pages.lower().startswith("arxiv:"):
        draft.pages = ""
    if archive == "arxiv" and not draft.volume and _ARXIV.fullmatch(eprint) and not fields.raw("doi"):
        # The DOI that arXiv has given every preprint (DataCite, 10.48550).
        draft.dois.append(f"10.48550/arXiv.{eprint}")
    numbers = (fields.verbatim("number"), fields.verbatim("call-number"), fields.verbatim("registry"), eprint)
    draft.registry_ids = [number for number in numbers if is_registry_id(number)]
    if draft.issue in draft.registry_ids:
        draft.issue = ""
    draft.notes = [
        fields.text(name) for name in ("note", "annote", "annotation", "comment") if fields.raw(name)
    ]
    draft.abstract = fields.text("abstract")
    draft.keywords = re.split(r"[;,]", fields.text("keywords", "keyword"))
    draft.may_be_registered = kind in _MAY_BE_REGISTERED
    preprint = is_preprint_server(archive) or is_preprint_type(fields.text("pubstate"))
    if kind in _MEETINGS:
        draft.state = PublicationState.ABSTRACT_ONLY
        draft.warnings.append(MAY_BE_ABSTRACT)
    elif (preprint and not draft.volume) or kind == "unpublished":
        draft.state = PublicationState.PREPRINT
        draft.journal = draft.journal or fields.text("eprinttype", "archiveprefix", "publisher")
    return draft


def _pages(fields: _Fields) -> str:
    """Return the pages; a dash may be a command there, and an underscore is none."""
    raw = fields.raw(*_PAGES_FIELDS)
    return fields.decode(raw) if _DASH_COMMAND.search(raw) else latex.decode_verbatim(raw)


def _names(fields: _Fields, raw: str, draft: ReferenceBuilder) -> list[str]:
    """Return the names in a name field; “and others” becomes a warning."""
    raw = raw[:_LONGEST_NAMES]
    parts = split_multiple_persons_names(raw)
    if len(parts) == 1 and not latex.is_group(raw.strip()) and (";" in raw or len(latex.split(raw, ",")) > 2):
        # A list as other programs write it: “Doe, A.; Roe, B.”
        found = split_names(fields.decode(raw))
        if found.more:
            draft.warn_more_authors()
        if len(found.names) > 1:
            return found.names
    names = []
    for name in parts:
        if name.strip().rstrip(".").lower() in {"others", "et al", "{others}", "{et al.}"}:
            draft.warn_more_authors("and others")
        elif name.strip():
            names.append(_name(fields, one_line(name).strip("; ")))
    return names


def _name(fields: _Fields, name: str) -> str:
    if latex.is_group(name):
        return fields.decode(name[1:-1])
    if len(name) > _LONGEST_NAME:
        return fields.decode(name)
    parts = latex.split(name, ",")
    if len(parts) > 1 and all("=" in part for part in parts):
        # BibLaTeX's extended form: family=Müller, given=Hans.
        named = {key.strip(): value for key, _, value in (part.partition("=") for part in parts)}
        family = " ".join(filter(None, (named.get("prefix", ""), named.get("family", ""))))
        parts = [family, named.get("suffix", ""), named.get("given", "")]
    elif len(parts) == 1:
        # “Liu R.” is no first name “Liu”.
        if "{" not in name and isinstance(person := parts_of(fields.decode(name)), Person):
            return str(person)
        split = parse_single_name_into_parts(name, strict=False)
        parts = [" ".join([*split.von, *split.last]), " ".join(split.jr), " ".join(split.first)]
    elif len(parts) == 2:
        parts = [parts[0], "", parts[1]]
    family, suffix, *given_names = (fields.decode(part) for part in parts)
    return tidy_name(join_name(family, " ".join(given_names), suffix))


def write(citations: Iterable[Citation]) -> Iterator[str]:
    """Yield the text of a file, one entry at a time.

    Every entry is an @article (see `ris.write` for the reason); its key is the identifier of the study.
    """
    for citation in citations:
        values = citation.values
        fields: list[tuple[str, str]] = []
        for name, key in (("title", "title"), ("year", "year"), ("journal", "journal"), ("volume", "volume")):
            _add(fields, name, latex.encode(str(values.get(key) or "")))
        _add(fields, "number", latex.encode(str(values.get("issue") or "")))
        _add(fields, "pages", latex.encode_verbatim(str(values.get("pages") or "")).replace("-", "--"))
        for name in ("doi", "url", "pmid", "pmcid"):
            _add(fields, name, latex.encode_verbatim(str(values.get(name) or "")))
        _add(fields, "note", latex.encode(citation.note))
        # The extra braces around the title keep styles from changing its capitals.
        written = [f"  {name} = {{{f'{{{value}}}' if name == 'title' else value}}}" for name, value in fields]
        if authors := " and ".join(map(_author, citation.authors)):
            written.insert(1, f"  author = {{{authors}}}")
        yield f"@article{{{citation.key},\n" + ",\n".join(written) + "\n}\n\n"


def _add(fields: list[tuple[str, str]], name: str, value: str) -> None:
    if value:
        fields.append((name, value))


def _author(author: str) -> str:
    """Return a name as “Family, Suffix, Given”; one that BibTeX would take apart otherwise is a group in braces."""
    person = parts_of(author)
    if person is None or not person.given:
        return f"{{{latex.encode(author)}}}"
    parts = [part for part in (person.family, person.suffix, person.given) if part]
    if any(sign in part for part in parts for sign in ",=") or any(map(_AND.search, parts)):
        return f"{{{latex.encode(str(person))}}}"
    return ", ".join(map(latex.encode, parts))
