"""LaTeX becomes letters, and what has no letters stays as it is written."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.formats.references import latex
from tests.formats.references.reading import one


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (r"Serum p {\textless} 0.05 and dose {\textgreater} 3 mg", "Serum p < 0.05 and dose > 3 mg"),
        (
            r"The \texttt{tool} for an \mbox{X-ray} in \textup{HLA} \textsf{a}",
            "The tool for an X-ray in HLA a",
        ),
        (r"Radix-2\({}^{\mbox{k}}\) designs", "Radix-2^k designs"),
        (r"\~{}5, \textminus 3, \copyright{} 2020, \pounds 5, A \textbar{} B", "~5, −3, © 2020, £5, A | B"),
        (r"x\textunderscore y and Hyper\-tension", "x_y and Hypertension"),
        (r"Uptake of \SI{5}{\milli\gram\per\litre} or \SI{10}{\percent}", "Uptake of 5 mg/L or 10%"),
        (r"{\textgreek{b}}-cells, \textalpha, \upbeta", "β-cells, α, β"),
        (
            r"$p<0.05$, $ p < 0.05 $, p$<$0.05, p$\,$$<$$\,$0.05, $n=5$",
            "p<0.05, p < 0.05, p<0.05, p<0.05, n=5",
        ),
        (r"CO$_2$, H$_2$O$_{2}$, \ce{CO2}, CO\textsubscript{2}", "CO2, H2O2, CO2, CO2"),
        (r"10$^6$, 10\textsuperscript{-3}, Ca$^{2+}$, $^{18}$F, 4$^{th}$", "10⁶, 10⁻³, Ca²⁺, ¹⁸F, 4th"),
        (r"37$^\circ$C, $\sim$5, $\geq$ 3, $x_i$, IL-1$\beta$", "37°C, ∼5, ≥ 3, x_i, IL-1β"),
        (r"It costs $5 and $6, or 7 \$", "It costs $5 and $6, or 7 $"),
        (
            r"{\bf Bold}, \enquote{quoted}, \url{https://example.org/a}",
            "Bold, “quoted”, https://example.org/a",
        ),
        (r"{\'E}tude \c{c}a {\L} na{\"\i}ve \u{g} {\AA}", "Étude ça Ł naïve ğ Å"),
    ],
)
def test_commands_become_letters(value: str, text: str) -> None:
    kept: list[str] = []
    assert latex.decode(value, kept.append) == text
    assert kept == []


@pytest.mark.parametrize(
    "piece",
    [
        r"\foo",
        r"\foo{bar}",
        r"\foo[a]{b}{c {d}}",
        r"\cite{key}",
        r"\SI{5}{\foo}",
        r"\label{a}",
        r"\footnote{b}",
    ],
)
def test_what_is_not_known_stays_as_it_is_written(piece: str) -> None:
    kept: list[str] = []
    assert latex.decode(f"A {piece} {{B}}", kept.append) == f"A {piece} B"
    assert kept == [piece]


def test_what_stays_is_reported_in_titles_and_abstracts() -> None:
    record = one(r"@article{k, title={A \foo{bar}}, abstract={Was \baz{x} seen?}}")
    assert record.values["title"] == r"A \foo{bar}"
    assert record.abstract == r"Was \baz{x} seen?"
    assert record.warnings == (
        r"Kept as it is: “\foo{bar}”. This LaTeX command is not known.",
        r"Kept as it is: “\baz{x}”. This LaTeX command is not known.",
    )


PIECES = (
    r"λ \foo \foo{λ} \textbf{λ} $ $λ<5$ { } \( \) _ ^ ^{λ} \SI{λ}{\gram} \mbox{λ} \'{} \~{} & % \\ \$ [ ]"
)


@given(st.lists(st.sampled_from([" ", *PIECES.split()]), max_size=12).map("".join))
def test_no_letter_is_lost(text: str) -> None:
    # A value that cannot be read is kept as it is.
    with contextlib.suppress(ValueError):
        assert latex.decode(text).count("λ") == text.count("λ")


@pytest.mark.parametrize("piece", ["$", "$$a", "\\foo{", "\\(", "\\SI{", "$^{", "\\'{", "\\foo[a]"])
def test_no_text_takes_long(piece: str) -> None:
    with contextlib.suppress(ValueError):
        latex.decode(piece * 5_000)
