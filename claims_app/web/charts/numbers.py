"""Number formats of the charts."""

from decimal import Decimal

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def printed(value: float) -> str:
    """Return a number as it was entered, with a typographic minus sign, and without exponent if short."""
    number = Decimal(repr(float(value)))
    exact = format(number, "f")
    if "." in exact:
        exact = exact.rstrip("0").rstrip(".")
    text = exact if len(exact) <= 16 else str(value)
    return ("0" if text == "-0" else text).replace("-", "\N{MINUS SIGN}")


def short(number: Decimal) -> str:
    """Return a round number for the axis, such as 0.25 or 3×10⁶."""
    if not number:
        return "0"
    number = number.normalize()
    if -4 <= number.adjusted() <= 4:
        text = format(number, "f")
    else:
        digits = format(number.scaleb(-number.adjusted()), "f")
        power = "10" + str(number.adjusted()).translate(_RAISED)
        text = power if digits == "1" else f"{digits}×{power}"
    return text.replace("-", "\N{MINUS SIGN}")
