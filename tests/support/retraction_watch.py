"""Rows of the Retraction Watch CSV, with its mixed encodings.

`REAL` has rows as Crossref published them, taken from snapshots of 2023 and 2025 quoted in public repositories:
record numbers, journals, dates, identifiers, natures and reasons are original. Titles, institutions and authors are
made up, in the encodings that occur in the file.
"""

import csv
import io

COLUMNS = (
    "Record ID",
    "Title",
    "Subject",
    "Institution",
    "Journal",
    "Publisher",
    "Country",
    "Author",
    "URLS",
    "ArticleType",
    "RetractionDate",
    "RetractionDOI",
    "RetractionPubMedID",
    "OriginalPaperDate",
    "OriginalPaperDOI",
    "OriginalPaperPubMedID",
    "RetractionNature",
    "Reason",
    "Paywalled",
    "Notes",
    "",
)

SICI = "10.1002/1096-9098(200007)74:3%3C201::AID-JSO8%3E3.0.CO;2-5"

# Number, journal, date, DOI and PMID of the notice, date, DOI and PMID of the paper, nature, reasons.
REAL: tuple[tuple[str, ...], ...] = (
    (
        "50438", "Advances in Multimedia", "8/16/2023 0:00", "10.1155/2023/9804945", "0", "9/24/2021 0:00",
        "10.1155/2021/6907871", "0", "Retraction",
        "+Concerns/Issues About Data;+Concerns/Issues About Results;+Investigation by Third Party;",
    ),
    (
        "72867", "Microprocessors and Microsystems", "6/25/2021 0:00", "10.1016/j.micpro.2021.104304", "0",
        "2/27/2020 0:00", "10.1016/j.micpro.2020.103053", "0", "Expression of concern",
        "Compromised Peer Review;Concerns/Issues about Article;Rogue Editor;Updated to Retraction;",
    ),
    (
        "72853", "Microprocessors and Microsystems", "2/14/2024 0:00", "10.1016/j.micpro.2024.105024", "0",
        "2/27/2020 0:00", "10.1016/j.micpro.2020.103053", "0", "Retraction",
        "Author Unresponsive;Compromised Peer Review;Rogue Editor;Upgrade/Update of Prior Notice(s);",
    ),
    (
        "70548", "EG-ICE 2020 Workshop on Intelligent Computing in Engineering", "10/18/2023 0:00", "unavailable",
        "0", "6/30/2020 0:00", "unavailable", "0", "Retraction", "Legal Reasons and/or Threats;",
    ),
    (
        "67291", "International Journal of Nanomedicine", "8/4/2022 0:00", "10.2147/IJN.S384663", "35959284",
        "2/26/2016 0:00", "10.2147/IJN.S97476", "27013874", "Correction",
        "Concerns/Issues about Data;Error in Text;Investigation by Company/Institution;",
    ),
    (
        "49720", "Circulation: Cardiovascular Quality and Outcomes", "11/21/2023 0:00",
        "10.1161/HCQ.0000000000000125", "37988442", "4/30/2021 0:00", "10.1161/CIRCOUTCOMES.120.007778",
        "33926210", "Reinstatement", "Error in Analyses;Error in Results and/or Conclusions;Retract and Replace;",
    ),
    (
        "40040", "Journal of Surgical Oncology", "8/10/2000 0:00", SICI, "0", "7/1/2000 0:00", SICI, "10951417",
        "Retraction", "Date of Article and/or Notice Unknown;Plagiarism of/in Article;",
    ),
    (
        "34999", "Therapeutic Advances in Medical Oncology", "12/15/2021 0:00", "10.1177/17588359211061903",
        "35035532", "9/14/2019 0:00", "10.1177/1758835919874651", "31579114", "Retraction",
        "Concerns/Issues about Data;Concerns/Issues about Results and/or Conclusions;",
    ),
)  # fmt: skip


def line(*cells: str, encoding: str = "utf-8") -> bytes:
    """Return a line of a CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode(encoding)


def row(
    number: str = "1",
    journal: str = "J",
    on: str = "3/9/2026 0:00",
    notice_doi: str = "10.1000/notice",
    notice_pmid: str = "0",
    original_on: str = "5/6/2023 0:00",
    original_doi: str = "10.1000/paper",
    original_pmid: str = "0",
    nature: str = "Retraction",
    reason: str = "Rogue Editor;",
    *,
    encoding: str = "utf-8",
    title: str = "Wirkung von „Schmerz“ – ein Überblick",
) -> bytes:
    """Return a row of the file."""
    return line(
        number,
        title,
        "(HSC) Medicine - General;",
        "Universität zu Köln, Germany;",
        journal,
        "Müller & Söhne",
        "Germany",
        "José Núñez;Jürgen Maß",
        "https://example.org/a;https://example.org/b",
        "Research Article;",
        on,
        notice_doi,
        notice_pmid,
        original_on,
        original_doi,
        original_pmid,
        nature,
        reason,
        "No",
        "",
        "",
        encoding=encoding,
    )


HEADER = line(*COLUMNS)


def file_of(*rows: bytes) -> bytes:
    """Return a file with these rows."""
    return HEADER + b"".join(rows)


def real_file() -> bytes:
    """Return the real rows, every other one in Windows-1252, and one with an invalid byte."""
    rows = [row(*cells, encoding=("utf-8", "cp1252")[at % 2]) for at, cells in enumerate(REAL)]
    rows[0] = rows[0].replace(b"Universit", b"\x81\x00Universit", 1)
    return b"\xef\xbb\xbf" + file_of(*rows)
