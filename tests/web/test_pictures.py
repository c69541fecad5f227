"""Charts as files: colours of the pages, light and dark, a policy for their style, and letters of any script."""

import base64
import hashlib
import re
import xml.etree.ElementTree as ET

import pytest

from claims_app.rules.counting import Balance
from claims_app.vocabulary import Direction, EffectMeasure
from claims_app.web.charts.files import Origin, balance_picture, forest_picture
from claims_app.web.charts.forest import forest
from claims_app.web.charts.picture import Picture, palette, wrapped
from tests.web.test_charts import NASTY, row

ORIGIN = Origin(f"CLM-1: {NASTY}", "https://claims.example.org/claims/CLM-1, version 3")


def plot() -> Picture:
    """Return a forest plot with an estimate of each direction and one that is not counted."""
    rows = [row(1.5 + n, 1, 4, citation=NASTY, direction=term) for n, term in enumerate(Direction)]
    made = forest(EffectMeasure.OR, [*rows, row(3, 2, 5, counts=False)])
    assert made is not None
    return forest_picture(made, ORIGIN)


def test_a_picture_is_well_formed_and_says_in_words_what_it_shows() -> None:
    root = ET.fromstring(plot().svg())
    names = {child.tag.rpartition("}")[2]: child.text or "" for child in root}
    assert names["title"] == "Odds ratio: 5 estimates"
    assert NASTY in names["desc"]
    assert "4 estimates of the odds ratio: from 1.5 to 4.5" in names["desc"]


def test_every_colour_is_one_of_the_page_with_its_dark_one() -> None:
    light, dark = palette()
    assert set(light) <= set(dark)
    picture = plot()
    assert set(re.findall(r"#[0-9a-f]{6}", picture.svg(dark=False))) <= set(light.values())
    for how, name in picture.used:
        assert f".{how[0]}-{name}{{{how}:{dark[name]}}}" in picture.style()


def test_the_policy_allows_the_style_and_no_other() -> None:
    picture = plot()
    [style] = re.findall("<style>(.*?)</style>", picture.svg())
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert picture.style_source() == f"'sha256-{digest}'"


def test_directions_differ_by_shape_and_every_group_has_a_mark() -> None:
    counts = Balance(reports=6, groups=6, group_supports=3, group_contradicts=2, group_null=1)
    picture = balance_picture(counts, ORIGIN)
    shapes = [shape for shape in picture.shapes if "f-supports" in shape or "f-contradicts" in shape]
    assert len(shapes) == 5
    assert picture.description.endswith("3 supports, 2 contradicts, 1 null, 0 inconclusive.")
    assert len(balance_picture(Balance(group_supports=100_000), ORIGIN).svg()) < 10_000


@pytest.mark.parametrize("words", ["é Łódź − α Ж", "東京 2021", "10⁻⁴ ≤ x"])
def test_a_png_has_letters_of_any_script(words: str) -> None:
    picture = Picture(200, 50, "A", "B")
    picture.text(5, 30, words)
    drawn = picture.png()
    assert drawn.startswith(b"\x89PNG")
    assert int.from_bytes(drawn[16:20]) == 400  # twice as wide
    empty = Picture(200, 50, "A", "B")
    assert drawn != empty.png()


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("", [""]),
        ("one two", ["one two"]),
        ("one two three four", ["one two", "three four"]),
        ("one two three four five six", ["one two", "three fou…"]),
        ("x" * 30, [f"{'x' * 10}…"]),
    ],
)
def test_long_words_are_wrapped_and_cut(words: str, lines: list[str]) -> None:
    assert wrapped(words, 10) == lines
