"""The contrast of the colours of the pages, as WCAG 2.2 computes it."""

import pytest

from claims_app.rules.contrast import GRAPHICS, TEXT, contrast
from claims_app.web.charts.picture import palette

TEXTS = (
    "ink",
    "muted",
    "link",
    "link-hover",
    "supports",
    "contradicts",
    "null",
    "inconclusive",
    "danger",
    "warning",
)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#767676", "#ffffff", 4.54)],
)
def test_the_ratio_is_that_of_the_standard(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_colours_of_text_and_marks_can_be_seen(scheme: str) -> None:
    colours = palette()[scheme == "dark"]
    for ground in ("paper", "sunk"):
        low = [name for name in TEXTS if contrast(colours[name], colours[ground]) < TEXT]
        assert low == [], (scheme, ground)
    assert contrast(colours["edge"], colours["paper"]) >= GRAPHICS
    assert contrast(colours["focus"], colours["paper"]) >= GRAPHICS
    for name in ("accent", "danger"):
        assert contrast(colours[f"on-{name}"], colours[name]) >= TEXT
    for name in ("danger", "warning", "success"):
        assert contrast(colours[name], colours[f"{name}-ground"]) >= TEXT
