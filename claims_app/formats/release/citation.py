"""How to cite a release: APA, BibTeX, CITATION.cff, and the metadata with which Zenodo accepts it.

Sources: Publication Manual of the American Psychological Association, 7th edition, 10.9 (data sets); Citation File
Format 1.2.0; Zenodo, REST API, Deposit metadata.
"""

import re
from collections.abc import Sequence
from typing import Any

from claims_app.formats.references import latex
from claims_app.formats.release.about import DESCRIPTION, About, Contents, Creator

PUBLISHER = "Claims"

_CREATIVE_COMMONS = re.compile(
    r"https?://creativecommons\.org/licenses/(by(?:-nc)?(?:-sa|-nd)?)/(\d\.\d)(?:/|/deed\.\w+|/legalcode)?"
)
_LICENCES = {
    "creativecommons.org/publicdomain/zero/1.0": ("CC0-1.0", "cc-zero"),
    "opendatacommons.org/licenses/by/1-0": ("ODC-By-1.0", "odc-by"),
    "opendatacommons.org/licenses/by": ("ODC-By-1.0", "odc-by"),
    "opendatacommons.org/licenses/odbl/1-0": ("ODbL-1.0", "odc-odbl"),
    "opendatacommons.org/licenses/odbl": ("ODbL-1.0", "odc-odbl"),
    "opendatacommons.org/licenses/pddl/1-0": ("PDDL-1.0", "odc-pddl"),
    "opendatacommons.org/licenses/pddl": ("PDDL-1.0", "odc-pddl"),
}
"""The addresses of licences for data, with their identifiers in SPDX and at Zenodo."""


class NotReady(ValueError):
    """A release that lacks something that a deposit needs; the message says what to do."""


def apa(about: About) -> str:
    """Return the citation as text."""
    names = _joined([_initials(one) for one in about.people]).removesuffix(".")
    return f"{names}. ({about.day.year}). {about.title} (Version {about.version}) [Data set]. {PUBLISHER}. {about.url}"


def bibtex(about: About) -> str:
    """Return the citation as an entry for BibTeX and BibLaTeX."""
    authors = " and ".join(
        latex.encode(one.name) if one.family else f"{{{latex.encode(one.name)}}}" for one in about.people
    )
    fields = (
        ("author", f"{{{authors}}}"),
        ("title", f"{{{{{latex.encode(about.title)}}}}}"),
        ("year", f"{{{about.day.year:04}}}"),
        # The name of a month is a macro of BibTeX, without braces.
        ("month", f"{about.day:%b}".lower()),
        ("version", f"{{{latex.encode(about.version)}}}"),
        ("publisher", f"{{{PUBLISHER}}}"),
        ("howpublished", "{Data set}"),
        ("url", f"{{{latex.encode_verbatim(about.url)}}}"),
    )
    return f"@misc{{{about.name},\n" + ",\n".join(f"  {name} = {value}" for name, value in fields) + "\n}\n"


def citation_file(about: About) -> str:
    """Return the content of CITATION.cff."""
    lines = [
        "cff-version: 1.2.0",
        f"message: {_yaml('If you use these data, please cite them as below.')}",
        "type: dataset",
        f"title: {_yaml(about.title)}",
        f"abstract: {_yaml(DESCRIPTION)}",
        f"version: {_yaml(about.version)}",
        f"date-released: {_yaml(about.day.isoformat())}",
        f"url: {_yaml(about.url)}",
        f"repository: {_yaml(f'{about.base_url}/releases')}",
    ]
    if about.license:
        spdx, _ = _identifiers(about.license)
        lines.append(f"license: {spdx}" if spdx else f"license-url: {_yaml(about.license)}")
    lines.append("authors:")
    for one in about.people:
        if one.family:
            lines.append(f"  - family-names: {_yaml(one.family)}")
            if one.given:
                lines.append(f"    given-names: {_yaml(one.given)}")
        else:
            lines.append(f"  - name: {_yaml(one.name)}")
        if one.orcid:
            lines.append(f"    orcid: {_yaml(f'https://orcid.org/{one.orcid}')}")
    lines += ["keywords:", *(f"  - {_yaml(word)}" for word in ("research claims", "evidence", "GRADE"))]
    return "\n".join(lines) + "\n"


def zenodo(about: About, contents: Contents, topics: Sequence[str]) -> dict[str, Any]:
    """Return the metadata of a deposit as Zenodo takes it; `topics` are the names of the topics, for keywords.

    Raises NotReady if creators are missing, or a licence that Zenodo knows.
    """
    if not about.creators:
        raise NotReady(
            "A deposit needs creators. Set CLAIMS_CREATORS to their names, such as “Doe, Jane "
            "(0000-0002-1825-0097); Roe, Richard”."
        )
    if about.license is None:
        raise NotReady("A deposit needs a licence. Set CLAIMS_LICENSE to its web address.")
    _, licence = _identifiers(about.license)
    if licence is None:
        raise NotReady(
            f"Zenodo has no identifier for the licence {about.license}. Use one of Creative Commons or Open Data "
            "Commons, such as https://creativecommons.org/licenses/by/4.0/."
        )
    levels = ", ".join(f"{level.label.lower()}: {n:,}" for level, n in contents.by_level)
    words = (
        f"<p>{DESCRIPTION}</p><p>This release contains {contents.counts['claims']:,} claims ({levels}), "
        f"{contents.counts['studies']:,} studies and {contents.counts['evidence']:,} evidence items as of "
        f"{about.day.isoformat()}, as CSV, Parquet and SQLite, with descriptions for programs.</p>"
    )
    return {
        "metadata": {
            "upload_type": "dataset",
            "title": about.title,
            "description": words,
            "creators": [_zenodo_creator(one) for one in about.people],
            "publication_date": about.day.isoformat(),
            "version": about.version,
            "access_right": "open",
            "license": licence,
            "language": "eng",
            "keywords": list(dict.fromkeys(("research claims", "evidence synthesis", "GRADE", *topics))),
            "related_identifiers": [
                {"identifier": about.url, "relation": "isIdenticalTo", "resource_type": "dataset"},
                {"identifier": about.base_url, "relation": "isDerivedFrom", "resource_type": "dataset"},
            ],
        }
    }


def _zenodo_creator(creator: Creator) -> dict[str, str]:
    return {"name": creator.name, **({"orcid": creator.orcid} if creator.orcid else {})}


def _identifiers(address: str) -> tuple[str | None, str | None]:
    """Return the identifiers of a licence in SPDX and at Zenodo, or None for both."""
    if found := _CREATIVE_COMMONS.fullmatch(address):
        name = f"cc-{found[1]}-{found[2]}"
        return name.upper(), name
    short = re.sub(r"^https?://(www\.)?", "", address).rstrip("/")
    return _LICENCES.get(short, (None, None))


def _initials(creator: Creator) -> str:
    """Return a name as APA writes it: Doe, J. A."""
    if not creator.family:
        return creator.name
    given = re.findall(r"[^\W\d_]+", creator.given or "")
    return f"{creator.family}, {' '.join(f'{part[0]}.' for part in given)}" if given else creator.family


def _joined(names: Sequence[str]) -> str:
    if len(names) > 20:
        return f"{', '.join(names[:19])}, … {names[-1]}"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])}, & {names[-1]}"


def _yaml(text: str) -> str:
    """Return a text as a scalar of YAML in quotation marks."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
