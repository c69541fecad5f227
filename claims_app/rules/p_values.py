"""P values as sources print them: “0.04”, “P<0.001”, “p = .035”, “2.1×10-5”."""

import re

_P_VALUE = re.compile(
    r"""(?:p(?:\s*+(?:-\s*+)?values?)?\s*+)?   # the letter p, if it is there
        (?P<relation><=|>=|[<>=≤≥])?\s*+        # how the number bounds the value
        (?P<number>\d++(?:[.,]\d++)?|[.,]\d++)  # the number; some journals print a comma
        (?:\s*+(?:e|[×x*]\s*+10\s*+\^?)\s*+(?P<exponent>[-−–+]?\d{1,3}))?""",
    re.IGNORECASE | re.VERBOSE,
)


def p_number(printed: str) -> float:
    """Return the number in a printed p value: the value itself, or its bound.

    Raises ValueError if there is no such number, or if it is not between 0 and 1.
    """
    match = _P_VALUE.fullmatch(printed.strip())
    if not match:
        raise ValueError("Enter the p value as printed, such as 0.04 or <0.001.")
    exponent = (match["exponent"] or "0").replace("−", "-").replace("–", "-")
    number = float(f"{match['number'].replace(',', '.')}e{exponent}")
    if not 0 <= number <= 1:
        raise ValueError("A p value must be between 0 and 1.")
    return number
