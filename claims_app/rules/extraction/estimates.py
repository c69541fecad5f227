"""Effect estimates with their intervals, and p values.

It reads the forms recommended by reporting guidelines (AMA Manual of Style, 11th ed., chapter 19; SAMPL, Lang
and Altman 2013): “OR 2.31 (95% CI 1.2–4.5)”, “hazard ratio, 0.80; 95% CI, 0.66 to 0.97”, “r = −0.42, p<0·001”.
"""

import re
from collections.abc import Iterator

from claims_app.rules.extraction.model import FieldSuggestion, for_evidence
from claims_app.rules.extraction.numbers import NUMBER, number
from claims_app.rules.p_values import p_number
from claims_app.vocabulary import CORRELATION_MEASURES, RATIO_MEASURES, EffectMeasure

# Abbreviations are case-sensitive, since “or” is a word; full names are not.
_NAMES = {
    EffectMeasure.OR: r"a?OR|(?i:odds\s+ratio)",
    EffectMeasure.RR: r"a?RR|(?i:risk\s+ratio|relative\s+risk)",
    EffectMeasure.HR: r"a?HR|(?i:hazards?\s+ratio)",
    EffectMeasure.SMD: r"SMD|(?i:standardi[sz]ed\s+mean\s+difference)|(?i:hedges[’']?\s*g|cohen[’']s\s*d)",
    EffectMeasure.MD: r"W?MD|(?i:(?:weighted\s+)?mean\s+difference)",
    EffectMeasure.RHO: r"(?i:spearman(?:[’']?s)?\s+(?:rank\s+)?(?:rho|ρ|r|correlation(?:\s+coefficient)?))"
    r"|rho|ρ|r_?s|rₛ",
    EffectMeasure.R: r"(?i:pearson(?:[’']?s)?\s+(?:r|correlation(?:\s+coefficient)?))"
    r"|(?i:correlation\s+coefficient)|r|R",
    EffectMeasure.AUC: r"AUC|AUROC|(?i:area\s+under\s+the\s+(?:ROC\s+|receiver[\s-]operating[\s-]characteristics?\s+)?"
    r"curve)",
}
_NAME = "|".join(f"(?P<{measure.name}>{pattern})" for measure, pattern in _NAMES.items())
_TO = r"\s*(?:-|–|—|−|‐|‑|;|,|to|through)\s*"
_INTERVAL = (
    rf"(?P<level>[0-9]{{2}}(?:[.·][0-9]{{1,3}})?)\s*%\s*"
    rf"(?:CI|C\.I\.|(?i:confidence\s+intervals?)(?:\s*[(\[]CI[)\]])?)\s*[:=,]?\s*(?:of|was|from)?\s*[(\[]?\s*"
    rf"(?P<low>{NUMBER})\s*%?{_TO}(?P<high>{NUMBER})"
)
_BEFORE_INTERVAL = r"\s*%?\s*[,;:]?\s*[(\[]?\s*"
_WORDS = r"(?:(?:for|of|was|is|with|in)\s+(?:[a-z-]+,?\s+){0,4}?){0,2}"
_LINK = rf"(?:\s*[(\[]\s*[A-Za-zρ]{{1,6}}\s*[)\]])?\s*(?P<sign>[:=≈,]|{_WORDS})\s*[(\[]?\s*"
_ESTIMATE = re.compile(
    rf"(?<![\w-])(?:{_NAME})(?![\w’']){_LINK}(?P<value>{NUMBER})(?![0-9])(?:{_BEFORE_INTERVAL}{_INTERVAL})?"
)
_PERCENT = re.compile(rf"(?<![\w.])(?P<value>{NUMBER})\s*%{_BEFORE_INTERVAL}{_INTERVAL}")
_P = re.compile(
    r"(?<![\w-])[pP](?:\s*[-‐‑]?\s*values?)?\s*(?:was|of|were|is)?\s*(?P<relation>[<>=≤≥]|&lt;|(?<=of)|(?<=was))\s*"
    r"(?P<number>0?[.·,][0-9]{1,9}(?:\s*[×x*]\s*10\s*\^?\s*[-−–][0-9]{1,3})?"
    r"|[0-9]{1,3}(?:[.·][0-9]{1,4})?\s*(?:[eE]|[×x*]\s*10\s*\^?)\s*[-−–][0-9]{1,3}|1(?:\.0{1,4})?|0)(?![0-9%])"
)


def estimates(sentence: str) -> Iterator[FieldSuggestion]:
    """Yield the effect estimates in a sentence, each with its interval if that is printed next to it."""
    for match in _ESTIMATE.finditer(sentence):
        measure = next(measure for measure in _NAMES if match[measure.name])
        if not _is_meant(match, measure):
            continue
        if values := _values(measure, match):
            yield for_evidence(match.start(), match.end(), **values)
    for match in _PERCENT.finditer(sentence):
        if values := _values(EffectMeasure.PERCENT, match):
            yield for_evidence(match.start(), match.end(), **values)


def p_values(sentence: str) -> Iterator[FieldSuggestion]:
    """Yield the p values in a sentence, as printed."""
    for match in _P.finditer(sentence):
        relation = match["relation"].replace("&lt;", "<").replace("=", "")
        printed = relation + " ".join(match["number"].replace("·", ".").split())
        try:
            p_number(printed)
        except ValueError:
            continue
        yield for_evidence(match.start(), match.end(), p_value=printed)


def _is_meant(match: re.Match[str], measure: EffectMeasure) -> bool:
    """Return whether an abbreviation before a number is a measure, unlike in “R 2” or “OR 18”."""
    if match["level"] or len(match[measure.name]) > 4:
        return True
    return match["sign"] in ("=", ":", "≈") or (match["sign"].strip() != "," and "." in match["value"])


def _values(measure: EffectMeasure, match: re.Match[str]) -> dict[str, str] | None:
    """Return the values of the fields, or None for numbers that are impossible for the measure."""
    values = {"effect_measure": measure.value, "effect_value": number(match["value"])}
    if match["level"]:
        low, high = number(match["low"]), number(match["high"])
        # In “0.45-0.80”, the dash was read as a minus sign.
        if float(low) > float(high) and float(low) > 0 > float(high):
            high = high.removeprefix("-")
        values |= {"ci_low": low, "ci_high": high, "ci_level": number(match["level"])}
        if not float(low) <= float(values["effect_value"]) <= float(high):
            return None
        if not 50 <= float(values["ci_level"]) < 100:
            return None
    numbers = [float(values[name]) for name in ("effect_value", "ci_low", "ci_high") if name in values]
    if measure in RATIO_MEASURES and min(numbers) <= 0:
        return None
    if measure in CORRELATION_MEASURES and not all(-1 <= one <= 1 for one in numbers):
        return None
    if measure is EffectMeasure.AUC and not all(0 <= one <= 1 for one in numbers):
        return None
    return values
