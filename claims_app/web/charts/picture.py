"""Pictures as files: SVG that needs nothing of the site, and PNG.

Colours are those of the pages, read from the style sheet, by the names of its custom properties. Each shape carries the
light colour as an attribute, which every program understands; a style within the file replaces it by the dark one where
dark is preferred. PNG is drawn from the light colours, with the letters of a font that comes along, so that it looks
the same on every machine.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path

import resvg_py

_STYLE_SHEET = Path(__file__).parents[2] / "static" / "style.css"
_FONT = Path(__file__).parent / "fonts" / "NotoSans.ttf"
_FAMILY = "Noto Sans, Helvetica Neue, Arial, sans-serif"
_NOT_IN_FONT = re.compile("[^\n\x20-\u024f\u0370-\u03ff\u0400-\u04ff\u2000-\u206f\u20ac\u2122\u2212]")
_PNG_SCALE = 2.0

FILLED, DRAWN = "fill", "stroke"


@dataclass
class Picture:
    """A drawing in pixels, with a title and a description for those who cannot see it."""

    width: int
    height: int
    title: str
    description: str
    shapes: list[str] = field(default_factory=list)
    used: set[tuple[str, str]] = field(default_factory=set)
    """The colours that are used, each with whether it fills or draws."""

    def _colour(self, fill: str | None, stroke: str | None) -> str:
        """Return the attributes of a shape for its colours, which are named as in the style sheet."""
        classes, attributes = [], []
        for how, name in ((FILLED, fill), (DRAWN, stroke)):
            if name is not None:
                self.used.add((how, name))
                classes.append(f"{how[0]}-{name}")
                attributes.append(f'{how}="{palette()[0][name]}"')
        if fill is None:
            attributes.append('fill="none"')
        return f'class="{" ".join(classes)}" {" ".join(attributes)}'

    def path(
        self, d: str, *, fill: str | None = None, stroke: str | None = None, width: float = 1, dash: str = ""
    ) -> None:
        """Draw a path."""
        line = f' stroke-width="{width:g}"' if stroke else ""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.shapes.append(f'<path {self._colour(fill, stroke)}{line}{dashed} d="{d}"/>')

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 14,
        anchor: str = "start",
        fill: str = "ink",
        turned: float = 0,
    ) -> None:
        """Write words with their baseline at `y`, turned around their start by so many degrees."""
        turn = f' transform="rotate({turned:g} {x:.2f} {y:.2f})"' if turned else ""
        self.shapes.append(
            f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size:g}" text-anchor="{anchor}"{turn} '
            f"{self._colour(fill, None)}>{escape(words)}</text>"
        )

    def svg(self, *, dark: bool = True) -> str:
        """Return the picture as SVG; with `dark`, it has a style for those who prefer dark."""
        style = f"<style>{self.style()}</style>" if dark else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" font-family="{_FAMILY}" role="img">'
            f"<title>{escape(self.title)}</title><desc>{escape(self.description)}</desc>{style}"
            f'<rect width="100%" height="100%" class="f-paper" fill="{palette()[0]["paper"]}"/>'
            f"{''.join(self.shapes)}</svg>\n"
        )

    def style(self) -> str:
        """Return the style for those who prefer dark."""
        dark = palette()[1]
        rules = "".join(
            f".{how[0]}-{name}{{{how}:{dark[name]}}}" for how, name in sorted(self.used | {(FILLED, "paper")})
        )
        return f"@media (prefers-color-scheme:dark){{{rules}}}"

    def style_source(self) -> str:
        """Return the source of its style for a content security policy, which then allows this style and no other."""
        digest = base64.b64encode(hashlib.sha256(self.style().encode()).digest()).decode()
        return f"'sha256-{digest}'"

    def png(self) -> bytes:
        """Return the picture as PNG, twice as large as its size in CSS pixels. Raises ValueError if it cannot be drawn.

        Fonts of the machine are used, which takes longer, only for letters that the font here does not have.
        """
        text = self.svg(dark=False)
        drawn: bytes = resvg_py.svg_to_bytes(
            svg_string=text,
            zoom=_PNG_SCALE,
            font_files=[str(_FONT)],
            skip_system_fonts=_NOT_IN_FONT.search(text) is None,
            font_family="Noto Sans",
            sans_serif_family="Noto Sans",
        )
        return bytes(drawn)


@cache
def palette() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the colours of the pages by name, light and dark. Raises ValueError if the style sheet has none."""
    roots = re.findall(r":root\s*\{(.*?)\}", _STYLE_SHEET.read_text(), re.DOTALL)
    if len(roots) < 2:
        raise ValueError("The style sheet has no light and dark colours.")
    light, dark = (dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\b", root)) for root in roots[:2])
    return light, {**light, **dark}


def wrapped(words: str, longest: int, most: int = 2) -> list[str]:
    """Return words as at most `most` lines of about `longest` characters; what does not fit is left out, with “…”."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= longest or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    lines = [line if len(line) <= longest + 1 else f"{line[:longest]}…" for line in lines]
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1][: longest - 1]}…"]
