"""Labelled pairs of reports for testing duplicate detection, made from the studies of the seed.

The copies are distorted as programs and people distort references. The distortions follow what real files of
libraries look like, independent of how titles are compared. Each takes the values of a study and a random number
generator, and returns changed values of the same study.
"""

import random
import tomllib
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

SEED = Path(__file__).parents[2] / "seed" / "studies.toml"
IDENTIFIERS = ("doi", "pmid", "pmcid", "registry_id")
COMPARED = (
    "title",
    "authors",
    "year",
    "journal",
    "volume",
    "issue",
    "pages",
    "publication_state",
    *IDENTIFIERS,
)

Values = dict[str, Any]
Damage = Callable[[Values, random.Random], Values]


class Pair(NamedTuple):
    """Two reports, how the second was distorted, and whether both are the same report."""

    one: Values
    other: Values
    what: str
    same: bool


def studies() -> list[Values]:
    """Return the studies of the seed."""
    return [dict(study) for study in tomllib.loads(SEED.read_text(encoding="utf-8"))["study"]]


def compared(study: Values) -> Values:
    """Return the values of a study that are compared."""
    return {name: study[name] for name in COMPARED if study.get(name)}


def without_identifiers(study: Values) -> Values:
    """Return a study without identifiers, as in a printed list of references."""
    return {name: value for name, value in compared(study).items() if name not in IDENTIFIERS}


def _titled(study: Values, title: str) -> Values:
    return {**study, "title": title}


def _capitals(study: Values, _chance: random.Random) -> Values:
    return {
        **study,
        "title": study["title"].upper(),
        "authors": [name.upper() for name in study.get("authors", [])],
    }


def _small(study: Values, _chance: random.Random) -> Values:
    return _titled(study, study["title"].lower() + ".")


def _ascii(study: Values, _chance: random.Random) -> Values:
    """As in an old database without accents and long dashes, where Ü is U."""
    table = str.maketrans("üöäéèóíáñçøśöÜÖÄÉ–—’", "uoaeeoiancosoUOAE--'")
    names = [name.translate(table) for name in study.get("authors", [])]
    return {**study, "title": study["title"].translate(table), "authors": names}


def _german(study: Values, _chance: random.Random) -> Values:
    table = str.maketrans({"ü": "ue", "ö": "oe", "ä": "ae", "Ü": "Ue", "Ö": "Oe"})
    return {**study, "authors": [name.translate(table) for name in study.get("authors", [])]}


def _dashes(study: Values, chance: random.Random) -> Values:
    return _titled(study, study["title"].replace("-", chance.choice("‐‑–—")).replace("'", "’"))


def _no_hyphens(study: Values, chance: random.Random) -> Values:
    return _titled(study, study["title"].replace("-", chance.choice(["", " "])))


def _entities(study: Values, _chance: random.Random) -> Values:
    title = (
        study["title"]
        .replace("&", "&amp;")
        .replace("–", "&ndash;")
        .replace("ö", "&ouml;")
        .replace("'", "&#39;")
    )
    return _titled(study, f"<i>{title}</i>")


def _latex(study: Values, _chance: random.Random) -> Values:
    return _titled(
        study, " ".join(f"{{{word}}}" if word[0].isupper() else word for word in study["title"].split())
    )


def _cut(study: Values, chance: random.Random) -> Values:
    return _titled(study, study["title"][: chance.randint(45, 80)].rstrip() + chance.choice(["", "…", "..."]))


def _no_subtitle(study: Values, _chance: random.Random) -> Values:
    for mark in (": ", "? ", "—", ". "):
        if mark in study["title"] and len(study["title"].split(mark)[0]) > 20:
            return _titled(study, study["title"].split(mark)[0])
    return _titled(study, study["title"].rstrip("?!."))


def _typing(study: Values, chance: random.Random) -> Values:
    """Two swapped letters in the longest word."""
    words = study["title"].split()
    place = max(range(len(words)), key=lambda at: (len(words[at]), at))
    at = chance.randint(1, max(1, len(words[place]) - 3))
    word = words[place]
    words[place] = word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
    return _titled(study, " ".join(words))


def _lost_word(study: Values, _chance: random.Random) -> Values:
    words = study["title"].split()
    small = [
        at for at, word in enumerate(words) if word.lower() in ("the", "a", "of", "in", "and", "with", "are")
    ]
    if small:
        del words[small[0]]
    return _titled(study, " ".join(words))


def _year(study: Values, chance: random.Random) -> Values:
    return {**study, "year": str(study["year"] + chance.choice([-1, 1])) if study.get("year") else None}


def _no_year(study: Values, _chance: random.Random) -> Values:
    return {name: value for name, value in study.items() if name != "year"}


def _no_authors(study: Values, _chance: random.Random) -> Values:
    return {name: value for name, value in study.items() if name != "authors"}


def _first_author(study: Values, _chance: random.Random) -> Values:
    return {
        **study,
        "authors": study.get("authors", [])[:1] + ["et al."] * (len(study.get("authors", [])) > 1),
    }


def _initials_first(study: Values, _chance: random.Random) -> Values:
    """As in some citation styles: R. J. Berwick."""
    names = []
    for name in study.get("authors", []):
        family, _, given = name.partition(", ")
        initials = " ".join(f"{letter}." for letter in given if letter.isupper())
        names.append(f"{initials} {family}".strip())
    return {**study, "authors": names}


def _no_commas(study: Values, _chance: random.Random) -> Values:
    """As in PubMed: Berwick RJ."""
    return {
        **study,
        "authors": [name.replace(", ", " ").replace("-", "") for name in study.get("authors", [])],
    }


def _one_initial(study: Values, _chance: random.Random) -> Values:
    names = [
        f"{name.split(', ')[0]}, {name.split(', ')[1][:1]}."
        for name in study.get("authors", [])
        if ", " in name
    ]
    return {**study, "authors": names}


def _journal(study: Values, _chance: random.Random) -> Values:
    """The abbreviated journal title and an abbreviated page range."""
    short = " ".join(
        word[:4] for word in study.get("journal", "").split() if word.lower() not in ("of", "the", "and")
    )
    first, _, last = study.get("pages", "").partition("-")
    return {**study, "journal": short, "pages": f"{first}-{last[-2:]}" if last else first}


def _bare(study: Values, _chance: random.Random) -> Values:
    return {name: value for name, value in study.items() if name in ("title", "authors", "year")}


def _spelled(study: Values, _chance: random.Random) -> Values:
    """American spelling instead of British, or the reverse."""
    title = study["title"]
    for british, american in (
        ("Fibre", "Fiber"),
        ("aetiology", "etiology"),
        ("isation", "ization"),
        ("our ", "or "),
    ):
        title = title.replace(british, american) if british in title else title.replace(american, british, 1)
    return _titled(study, title)


def _pasted(study: Values, _chance: random.Random) -> Values:
    """As copied from a PDF: with ligatures and line breaks."""
    return _titled(study, study["title"].replace("fi", "ﬁ").replace("fl", "ﬂ").replace(" ", "\n", 3) + " ")


DAMAGES: tuple[Damage, ...] = (
    _capitals,
    _small,
    _ascii,
    _german,
    _dashes,
    _no_hyphens,
    _entities,
    _latex,
    _cut,
    _no_subtitle,
    _typing,
    _lost_word,
    _year,
    _no_year,
    _no_authors,
    _first_author,
    _initials_first,
    _no_commas,
    _one_initial,
    _journal,
    _bare,
    _spelled,
    _pasted,
)


def positives(each: int = 8) -> Iterator[Pair]:
    """Yield each study with `each` copies that have one or two distortions and no identifiers."""
    chance = random.Random("the same study")
    for study in studies():
        for _ in range(each):
            first, second = chance.sample(DAMAGES, 2)
            copy, what = first(without_identifiers(study), chance), first.__name__
            if chance.random() < 0.5:
                copy, what = second(copy, chance), f"{what} {second.__name__}"
            yield Pair(compared(study), copy, what, same=True)


def negatives() -> Iterator[Pair]:
    """Yield pairs of different reports: all pairs of the seed without identifiers, and related reports made from it."""
    every = studies()
    for one, other in combinations(every, 2):
        yield Pair(without_identifiers(one), without_identifiers(other), "two studies", same=False)
    for study in every:
        bare = without_identifiers(study)
        title, year = study["title"], study.get("year", 2020)
        yield Pair(bare, _titled(bare, f"Correction to: {title}"), "correction", same=False)
        yield Pair(bare, _titled(bare, f"Reply to “{title}”"), "reply", same=False)
        yield Pair(bare, _titled(bare, f"{title}: authors' response"), "response", same=False)
        yield Pair(_titled(bare, f"{title}. Part I"), _titled(bare, f"{title}. Part II"), "parts", same=False)
        yield Pair(
            {**_titled(bare, f"Annual meeting {year}: {title}"), "year": year},
            {**_titled(bare, f"Annual meeting {year + 1}: {title}"), "year": year + 1},
            "yearly",
            same=False,
        )
        yield Pair({**bare, "doi": "10.1000/one"}, {**bare, "doi": "10.1000/another"}, "two DOIs", same=False)
        yield Pair({**bare, "year": year}, {**bare, "year": year + 5}, "an update years later", same=False)
        if study.get("authors"):
            others = {**bare, "authors": ["Nobody, X", "Somebody, Y"]}
            yield Pair(bare, others, "other authors", same=False)
        if study.get("publication_state") == "published":
            preprint = {**bare, "doi": "10.1101/2020.01.02.345678", "publication_state": "preprint"}
            yield Pair({**bare, "doi": "10.1000/paper"}, preprint, "preprint", same=False)
