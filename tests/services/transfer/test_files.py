"""What is said about a file before its rows are planned."""

from pathlib import Path

import pytest

from claims_app.services.core.errors import Refused
from claims_app.services.transfer.importing import files

POLISH = 'title,authors,year,doi\nŁódzkie studium bólu,"Doe, A",2020,10.5555/a\n'.encode("cp1250")


def test_guess_of_the_encoding_shows_letters_to_check_it_by() -> None:
    opened = files.open_file(POLISH)
    assert opened.rows[0].values["title"] == "Łódzkie studium bólu"
    assert opened.notes == [
        "Encoding: Windows-1250, which is a guess. If “Łódzkie studium bólu,"
        '"Doe, A",2020,10.5555/a” looks wrong, import the file with another one.'
    ]


def test_encoding_can_be_chosen_for_our_own_files_too() -> None:
    opened = files.open_file(POLISH, "windows-1252")
    assert opened.rows[0].values["title"] == "£ódzkie studium bólu"
    assert opened.notes == ["Encoding: Windows-1252."]
    own = files.open_file("study_id,title\nSTU-1,Łódź\n".encode("cp1250"), "windows-1250")
    assert (own.what, list(own.rows[0].cells)) == ("studies.csv", ["STU-1", "Łódź"])


def test_doubtful_encoding_is_refused() -> None:
    with pytest.raises(Refused, match="Choose the encoding"):
        files.open_file("title,doi\nמחקר כאב בקרב חולים,10.5555/a\n".encode("cp1255"))


def test_columns_that_are_not_imported_are_named() -> None:
    opened = files.open_file(b"Title,Covidence #,DOI\nOne,#12,10.5555/a\n")
    assert opened.notes == ["Encoding: UTF-8.", "Columns that are not imported: Covidence #."]


def test_table_of_another_program_with_our_column_is_read_as_references() -> None:
    opened = files.open_file(b'study_id,title,authors,year\ndoe2020,One,"Doe, A",2020\n')
    assert opened.is_citations
    assert opened.rows[0].values["title"] == "One"
    assert not files.open_file(b"study_id,title\n,A new study\n").is_citations


def test_a_command_reads_larger_exported_files_than_an_upload_and_no_larger_citations(tmp_path: Path) -> None:
    rows = "".join(f"CLM-{number},{'x' * 1_900_000}\n" for number in range(12))
    path = tmp_path / "claims.csv"
    path.write_text(f"claim_id,more\n{rows}")
    assert len(files.open_path(path).rows) == 12
    with pytest.raises(Refused, match="The limit is 20 MB"):
        files.open_file(path.read_bytes())
    path.write_text(f"title,more\n{rows}")
    with pytest.raises(Refused, match="the limit is 20 MB"):
        files.open_path(path)
