"""The contrast of two colours, after WCAG 2.2 (definitions of relative luminance and of contrast ratio)."""

TEXT = 4.5
"""The least contrast of text (success criterion 1.4.3)."""

GRAPHICS = 3.0
"""The least contrast of marks, and of the borders of controls (success criterion 1.4.11)."""


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, given as #rrggbb."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
