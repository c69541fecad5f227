"""Mark-up becomes text that keeps its sense, and everything else in angle brackets stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules.markup import is_plain, to_paragraphs, to_text

MATHS = "xmlns:mml='http://www.w3.org/1998/Math/MathML'"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Effect of <i>Wolbachia</i> on CO<sub>2</sub> &amp; salt", "Effect of Wolbachia on CO2 & salt"),
        ("CO<inf>2</inf> and <jats:italic>E. coli</jats:italic>", "CO2 and E. coli"),
        ("<span class='x'>A</span><SUP>b</SUP>", "Ab"),
        ("M&uuml;ller &#252; &#xFC; a&nbsp;b Hyper&shy;tension", "Müller ü ü a b Hypertension"),
        ("&lt;i&gt;E. coli&lt;/i&gt;, &amp;lt;b&amp;gt;x&amp;lt;/b&amp;gt; &amp;amp; y", "E. coli, x & y"),
        ("10<sup>6</sup> cells, Ca<sup>2+</sup>, cm<sup>-1</sup>", "10⁶ cells, Ca²⁺, cm⁻¹"),
        (
            "CD4<sup>+</sup>, 1<sup>st</sup>, 4<sup>ème</sup>, 2<sup>k</sup>, H3<sub>2</sub>",
            "CD4+, 1st, 4ème, 2^k, H3₂",
        ),
        (
            f"In <mml:math {MATHS}><mml:mi>N</mml:mi></mml:math>-coupled rings &amp; chains",
            "In N-coupled rings & chains",
        ),
        (
            "<math> <msup><mi>x</mi> <mn>2</mn></msup><mo>&lt;</mo><mfrac><mi>a</mi><mi>b</mi></mfrac> </math>",
            "x²<a/b",
        ),
        ("<style face='normal'>m</style><style face='superscript'>2</style>", "m²"),
        ("Cut <i>off", "Cut off"),
        ("<new>A</new> tag", "A tag"),
        ("<![CDATA[A & B]]><!-- gone -->", "A & B"),
    ],
)
def test_markup_becomes_text(text: str, plain: str) -> None:
    assert to_text(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "p < 0.05 and q > 0.1",
        "p<0.05, a<b and c>d",
        "The <title> of a page",
        "<https://example.org>",
        "AT&T, R&D, ?a=1&copy=2",
        "<b>",
        "A -> B <- C",
        "",
    ],
)
def test_other_signs_stay(text: str) -> None:
    assert to_text(text) == text
    assert is_plain(text)


def test_blocks_are_paragraphs() -> None:
    text = "<jats:title>Aim</jats:title><jats:p>To <i>see</i>.</jats:p><p>Seen.<br/>Done.</p>"
    assert to_paragraphs(text) == "Aim\nTo see.\nSeen.\nDone."


TAGS = "<i> </i> <sub> </sub> <sup> </sup> <math> </math> <mfrac> </mfrac> <mi> </mi> <p> </p> <x> </x> <br/>"
PIECES = st.sampled_from([*TAGS.split(), "&lt;", "&amp;", "&", ";", "λ", "2", " ", "<", ">", "\n", "="])


@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_letter_is_lost(text: str) -> None:
    assert to_text(text).count("λ") == text.count("λ")


@given(st.text())
def test_no_text_becomes_empty(text: str) -> None:
    assert bool(to_text(text).strip()) == bool(text.strip())


@pytest.mark.parametrize(
    "piece", ["<sub>", "<i ", "<a b='", "&amp;", "<!--", "<math><mi>", "9<sup>", "<", "</sup>"]
)
def test_no_text_takes_long(piece: str) -> None:
    to_text(piece * 20_000)
