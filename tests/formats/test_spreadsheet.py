"""A real spreadsheet opens the safe profile and computes nothing; the raw one shows that it would."""

from pathlib import Path
from xml.etree import ElementTree

from claims_app.formats.columns import LIMITATIONS
from claims_app.formats.csv_writing import write
from claims_app.formats.delimited import Column, Kind, Profile
from tests.support.office import convert

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"

NASTY = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1;1)",
    '=HYPERLINK("http://example.org";"click")',
    "=cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\uff1d1+1",
    "\uff0b1+1",
    "\uff0d1+1",
    "\uff20SUM(1)",
    "\uff07=1+1",
    "'=1+1",
    "''=1+1",
    '"=1+1',
    '",=1+1',
    'a",=1+1,"b',
    "a\r\n=1+1",
    "a\n=1+1,=2+2",
]
COLUMNS = (*LIMITATIONS, Column("tags", Kind.LIST, "Tags", "For a test."))


def opened(soffice: str, folder: Path, profile: Profile) -> list[ElementTree.Element]:
    """Return the rows, as XML, that LibreOffice makes of a file with the nasty cells in `profile`."""
    rows = [
        (f"LIM-{number}", "CLM-1", None, "other", None, text, text, None, [text, "b"])
        for number, text in enumerate(NASTY, 1)
    ]
    source = folder / f"{profile}.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        file.writelines(write(COLUMNS, rows, profile=profile))
    convert(soffice, [source], "fods", folder)
    document = ElementTree.parse(source.with_suffix(".fods"))
    # The sheet is padded with repeated empty rows, which contain no paragraph.
    return [row for row in document.iter(f"{TABLE}table-row") if row.find(f".//{TEXT}p") is not None]


def formulas(rows: list[ElementTree.Element]) -> list[str]:
    return [
        cell.attrib[f"{TABLE}formula"] for row in rows for cell in row if f"{TABLE}formula" in cell.attrib
    ]


def test_spreadsheet_computes_nothing_in_the_safe_profile(soffice: str, tmp_path: Path) -> None:
    rows = opened(soffice, tmp_path, Profile.SAFE)
    assert formulas(rows) == []
    assert len(rows) == 1 + len(NASTY)


def test_spreadsheet_computes_the_same_cells_in_the_raw_profile(soffice: str, tmp_path: Path) -> None:
    assert "of:=1+1" in formulas(opened(soffice, tmp_path, Profile.RAW))
