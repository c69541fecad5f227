"""Puts the figures of a proof into docs/reliability.md, each in a section of its own between two comments."""

from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


def write(name: str, text: str, page: Path = PAGE) -> None:
    """Replace what is between `<!-- name: begin -->` and `<!-- name: end -->` in `page` by `text`, in Markdown.

    Raises ValueError if the page does not have each comment once, in this order; then nothing changes.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    whole = page.read_text(encoding="utf-8")
    before, found, rest = whole.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found or not found_end or whole.count(begin) != 1 or whole.count(end) != 1:
        raise ValueError(f"{page.name} needs {begin} and {end}, once each.")
    page.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}", encoding="utf-8")


def table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    """Return a table in Markdown. What would end a cell in a text is escaped."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")
