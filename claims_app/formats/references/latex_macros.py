"""The LaTeX commands that `latex` can turn into letters, beyond those that pylatexenc knows.

Sources: the LaTeX font guide and textcomp for symbols, babel for `\\textgreek`, the manuals of siunitx and mhchem.
"""

import re
from collections.abc import Callable

from pylatexenc.latex2text import MacroTextSpec, get_default_latex_context_db
from pylatexenc.latexencode import get_builtin_uni2latex_dict

_SYMBOLS = {
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textquotesingle": "'",
    "textasciigrave": "`",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textbardbl": "‖",
    "textunderscore": "_",
    "textminus": "−",
    "textdollar": "$",
    "textpercent": "%",
    "textperthousand": "‰",
    "textmu": "µ",
    "textohm": "Ω",
    "textonehalf": "½",
    "textonequarter": "¼",
    "textthreequarters": "¾",
    "textonesuperior": "¹",
    "texttwosuperior": "²",
    "textthreesuperior": "³",
    "textdegree": "°",
    "textcelsius": "°C",
    "textregistered": "®",
    "texttrademark": "™",
    "textcopyright": "©",
    "copyright": "©",
    "pounds": "£",
    "textsterling": "£",
    "texteuro": "€",
    "textyen": "¥",
    "textcent": "¢",
    "textperiodcentered": "·",
    "textbullet": "•",
    "textellipsis": "…",
    "textdagger": "†",
    "textdaggerdbl": "‡",
    "dag": "†",
    "ddag": "‡",
    "textsection": "§",
    "textparagraph": "¶",
    "textpm": "±",
    "texttimes": "×",
    "textdiv": "÷",
    "textlnot": "¬",
    "textordfeminine": "ª",
    "textordmasculine": "º",
    "textnumero": "№",
    "textleftarrow": "←",
    "textrightarrow": "→",
    "textexclamdown": "¡",
    "textquestiondown": "¿",
    "textvisiblespace": " ",
    "textendash": "–",
    "textemdash": "—",
    "texthyphen": "-",
    "slash": "/",
    "degree": "°",
    "lbrack": "[",
    "rbrack": "]",
    "lt": "<",
    "gt": ">",
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "BibTeX": "BibTeX",
    "-": "",
    "/": "",
}
_JOURNALS = {
    "aap": "Astronomy and Astrophysics",
    "aapr": "Astronomy and Astrophysics Reviews",
    "aaps": "Astronomy and Astrophysics Supplement",
    "aj": "The Astronomical Journal",
    "ao": "Applied Optics",
    "apj": "The Astrophysical Journal",
    "apjl": "The Astrophysical Journal Letters",
    "apjs": "The Astrophysical Journal Supplement Series",
    "applopt": "Applied Optics",
    "apss": "Astrophysics and Space Science",
    "araa": "Annual Review of Astronomy and Astrophysics",
    "baas": "Bulletin of the American Astronomical Society",
    "gca": "Geochimica et Cosmochimica Acta",
    "grl": "Geophysical Research Letters",
    "icarus": "Icarus",
    "jcap": "Journal of Cosmology and Astroparticle Physics",
    "jgr": "Journal of Geophysical Research",
    "jqsrt": "Journal of Quantitative Spectroscopy and Radiative Transfer",
    "mnras": "Monthly Notices of the Royal Astronomical Society",
    "nat": "Nature",
    "nphysa": "Nuclear Physics A",
    "pasj": "Publications of the Astronomical Society of Japan",
    "pasp": "Publications of the Astronomical Society of the Pacific",
    "physrep": "Physics Reports",
    "planss": "Planetary and Space Science",
    "pra": "Physical Review A",
    "prb": "Physical Review B",
    "prc": "Physical Review C",
    "prd": "Physical Review D",
    "pre": "Physical Review E",
    "prl": "Physical Review Letters",
    "procspie": "Proceedings of SPIE",
    "psj": "The Planetary Science Journal",
    "solphys": "Solar Physics",
    "ssr": "Space Science Reviews",
}
"""The journals that NASA ADS writes as commands of AASTeX."""
_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi "
    "psi omega"
)
_GREEK_LETTERS = "αβγδεζηθικλμνξοπρστυφχψω"
_BABEL = str.maketrans(
    "abgdezhjiklmnxoprstufqywcABGDEZHJIKLMNXOPRSTUFQYW", f"{_GREEK_LETTERS}ς{_GREEK_LETTERS.upper()}"
)

_WRAPPERS = (
    *(
        "mbox",
        "hbox",
        "fbox",
        "textmd",
        "textsf",
        "texttt",
        "textup",
        "textnormal",
        "textnohyphens",
        "text",
        "uppercase",
    ),
    *(
        "nocase",
        "textulc",
        "mathup",
        "mathsf",
        "mathtt",
        "textrm",
        "textbf",
        "textit",
        "emph",
        "textsl",
        "textsc",
        "url",
    ),
    *(
        "path",
        "ce",
        "cf",
        "chem",
        "fontencoding",
        "smash",
        "underline",
        "overline",
        "uline",
        "hl",
        "natexlab",
        "bibinfo",
        "mkbibemph",
        "mkbibitalic",
        "mkbibbold",
        "mkbibparens",
    ),
)
# They set how the text looks, and are nothing to read.
_SWITCHES = (
    *(
        "em",
        "it",
        "bf",
        "rm",
        "sl",
        "sf",
        "tt",
        "sc",
        "up",
        "md",
        "itshape",
        "bfseries",
        "rmfamily",
        "normalfont",
        "sffamily",
    ),
    *(
        "ttfamily",
        "scshape",
        "upshape",
        "mdseries",
        "tiny",
        "small",
        "large",
        "Large",
        "footnotesize",
        "normalsize",
    ),
    *(
        "noindent",
        "displaystyle",
        "textstyle",
        "scriptstyle",
        "relax",
        "protect",
        "centering",
        "nobreak",
        "allowbreak",
    ),
    *(
        "limits",
        "nolimits",
        "left",
        "right",
        "big",
        "Big",
        "bigl",
        "bigr",
        "Bigl",
        "Bigr",
        "boldmath",
        "selectfont",
        "par",
    ),
)
_SPACES = (
    "thinspace",
    "enspace",
    "enskip",
    "quad",
    "qquad",
    "space",
    "nobreakspace",
    "hspace",
    "hfill",
    "newline",
    "linebreak",
)

_PREFIXES = {
    "milli": "m",
    "micro": "µ",
    "nano": "n",
    "pico": "p",
    "femto": "f",
    "centi": "c",
    "deci": "d",
    "deca": "da",
}
_PREFIXES |= {"hecto": "h", "kilo": "k", "mega": "M", "giga": "G", "tera": "T"}
_UNITS = {
    "gram": "g",
    "kilogram": "kg",
    "metre": "m",
    "meter": "m",
    "second": "s",
    "litre": "L",
    "liter": "L",
    "mole": "mol",
}
_UNITS |= {
    "kelvin": "K",
    "celsius": "°C",
    "degreeCelsius": "°C",
    "degree": "°",
    "percent": "%",
    "hertz": "Hz",
}
_UNITS |= {
    "pascal": "Pa",
    "joule": "J",
    "newton": "N",
    "watt": "W",
    "volt": "V",
    "ampere": "A",
    "ohm": "Ω",
    "gray": "Gy",
}
_UNITS |= {
    "sievert": "Sv",
    "becquerel": "Bq",
    "hour": "h",
    "minute": "min",
    "day": "d",
    "tesla": "T",
    "dalton": "Da",
}
_UNITS |= {
    "electronvolt": "eV",
    "bar": "bar",
    "molar": "M",
    "decibel": "dB",
    "hectare": "ha",
    "tonne": "t",
    "lumen": "lm",
}
_UNITS |= {
    "milligram": "mg",
    "mg": "mg",
    "kg": "kg",
    "ml": "mL",
    "mm": "mm",
    "cm": "cm",
    "km": "km",
    "um": "µm",
    "nm": "nm",
}
_POWERS = {"squared": "²", "cubed": "³"}
_UNIT_PART = re.compile(r"\\([A-Za-z]+)\s*|([A-Za-zµμ°%Ω/·.^0-9\- ~]+)")


def units(text: str) -> str | None:
    """Return the symbols of siunitx's units (`\\milli\\gram\\per\\litre` is mg/L), or None for an unknown one."""
    written = ""
    position = 0
    for found in _UNIT_PART.finditer(text):
        if found.start() != position:
            return None
        position = found.end()
        name, literal = found.groups()
        if literal is not None:
            written += literal.replace("~", " ").strip()
        elif name == "per":
            written += "/"
        elif (sign := _PREFIXES.get(name) or _UNITS.get(name) or _POWERS.get(name)) is not None:
            written += sign
        else:
            return None
    return written if position == len(text) else None


def greek(text: str) -> str:
    """Return the Greek letters that babel writes as Latin ones: “b” is β."""
    return text.translate(_BABEL)


def _symbols() -> dict[str, str]:
    """Return the text of commands without arguments, by name."""
    known: dict[str, str] = {}
    for code, written in get_builtin_uni2latex_dict().items():
        if found := re.fullmatch(r"\{?\\([A-Za-z]+)(?:\{\})?\}?", written):
            known.setdefault(found.group(1), chr(code))
    letters = dict(zip(_GREEK.split(), _GREEK_LETTERS, strict=True))
    for name, letter in letters.items():
        for prefix in ("text", "up", "textup"):
            known[prefix + name] = letter
            known[prefix + name.capitalize()] = letter.upper()
    return known | _JOURNALS | _SYMBOLS | dict.fromkeys(_SWITCHES, "") | dict.fromkeys(_SPACES, " ")


def text_context() -> tuple[object, frozenset[str]]:
    """Return the commands for pylatexenc with what is added here, and the names of all that become text."""
    context = get_default_latex_context_db()
    # Citations and references become “<cit.>”; it is better to keep what is written.
    theirs = {
        spec.macroname: spec
        for category in context.categories()
        for spec in context.iter_macro_specs([category])
        if not (isinstance(spec.simplify_repl, str) and spec.simplify_repl.startswith(("<", "[")))
    }
    ours = _SYMBOLS.keys() | _JOURNALS.keys()
    symbols = {name: text for name, text in _symbols().items() if name in ours or name not in theirs}
    macros = [MacroTextSpec(name, simplify_repl=_always(text)) for name, text in symbols.items()]
    macros += [MacroTextSpec(name, discard=False) for name in _WRAPPERS]
    context.add_context_category("references", prepend=True, macros=macros)
    return context, frozenset(theirs) | symbols.keys() | frozenset(_WRAPPERS)


def _always(text: str) -> Callable[[object], str]:
    # Not the text itself, in which pylatexenc would replace “%s”.
    return lambda _: text
