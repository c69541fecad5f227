"""How to cite one claim: as text in the style of APA, and for reference managers and citation processors.

Sources: Publication Manual of the American Psychological Association, 7th edition, 10.9 (data sets: author, date,
title, version, description in brackets, publisher, address); CSL-JSON schema 1.0.2; BibTeX's @misc.
"""

import datetime
import json
from dataclasses import dataclass

from claims_app.formats.references import latex

AUTHOR = "Claims contributors"
PUBLISHER = "Claims"
KIND = "Research claim"


@dataclass(frozen=True)
class CitedClaim:
    """What a citation says of a claim in one state: what is claimed, what the evidence says of it, when and where."""

    public_id: str
    statement: str
    version: int
    verdict: str
    changed_on: datetime.date
    url: str

    @property
    def note(self) -> str:
        """What the evidence said, and how certain that was."""
        return f"Conclusion: {self.verdict}"


def apa(claim: CitedClaim) -> str:
    """Return the citation as text."""
    day = claim.changed_on
    title = claim.statement.removesuffix(".")
    return (
        f"{AUTHOR}. ({day.year}, {day:%B} {day.day}). {title} ({claim.public_id}, Version {claim.version}) "
        f"[{KIND}; {claim.note[0].lower()}{claim.note[1:]}]. {PUBLISHER}. {claim.url}"
    )


def bibtex(claim: CitedClaim) -> str:
    """Return the citation as an entry for BibTeX and BibLaTeX."""
    day = claim.changed_on
    fields = (
        ("author", f"{{{latex.encode(AUTHOR)}}}"),
        # The extra braces keep styles from changing the capitals.
        ("title", f"{{{latex.encode(claim.statement)}}}"),
        ("year", f"{day.year:04}"),
        ("month", f"{day:%b}".lower()),
        ("version", str(claim.version)),
        ("number", latex.encode(claim.public_id)),
        ("publisher", latex.encode(PUBLISHER)),
        ("howpublished", latex.encode(KIND)),
        ("url", latex.encode_verbatim(claim.url)),
        ("note", latex.encode(claim.note)),
    )
    # The name of a month is a macro of BibTeX, without braces.
    lines = [f"  {name} = {value if name == 'month' else f'{{{value}}}'}" for name, value in fields]
    return f"@misc{{{claim.public_id}-v{claim.version},\n" + ",\n".join(lines) + "\n}\n"


def csl_json(claim: CitedClaim) -> str:
    """Return the citation as a list of one item in CSL-JSON."""
    day = claim.changed_on
    item = {
        "id": f"{claim.public_id}-v{claim.version}",
        "type": "dataset",
        "title": claim.statement,
        "author": [{"literal": AUTHOR}],
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "publisher": PUBLISHER,
        "genre": KIND,
        "number": claim.public_id,
        "version": str(claim.version),
        "note": claim.note,
        "URL": claim.url,
    }
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"
