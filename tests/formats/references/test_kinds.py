"""Kinds of files that real programs write, one test each; the samples are made up."""

import json

import pytest

from claims_app.formats.references import RefusedFile, bibtex, csl, read, ris
from claims_app.formats.references.citation import Citation
from claims_app.rules.reference import Reference
from tests.formats.references.reading import one, references


def ris_of(*lines: str, kind: str = "JOUR") -> Reference:
    """Return a record with these lines, and a title."""
    return one("\n".join([f"TY  - {kind}", "TI  - A title", *lines, "ER  - ", ""]))


def csv_of(header: str, *rows: str) -> list[Reference]:
    return references("\n".join([header, *rows, ""]))


IN_EVERY_FORMAT = {
    "RIS": "TY  - JOUR\nTI  - {title}\nAU  - {author}\nT2  - {journal}\nAB  - {abstract}\nUR  - {url}\nER  - \n",
    "MEDLINE": "PMID- 1\nTI  - {title}\nFAU - {author}\nJT  - {journal}\nAB  - {abstract}\nLID - {url}\n",
    "BibTeX": "@article{{k, title={{{title}}}, author={{{author}}}, journal={{{journal}}}, abstract={{{abstract}}}, "
    "url={{{url}}}}}\n",
    "CSV": 'title,authors,journal,abstract,url\n{title},"{author}",{journal},{abstract},{url}\n',
    "EndNote XML": "<xml><records><record><titles><title>{title}</title>"
    "<secondary-title>{journal}</secondary-title></titles><contributors><authors><author>{author}</author></authors></contributors><abstract>{abstract}</abstract>"
    "<urls><related-urls><url>{url}</url></related-urls></urls></record></records></xml>",
    "CSL-JSON": '[{{"title": "{title}", "author": [{{"family": "{family}", "given": "{given}"}}], "container-title": '
    '"{journal}", "abstract": "{abstract}", "URL": "{url}"}}]',
}


@pytest.mark.parametrize("name", IN_EVERY_FORMAT)
def test_markup_and_addresses_in_every_format(name: str) -> None:
    text = IN_EVERY_FORMAT[name].format(
        title="Effect of <i>W. pip</i> on CO<sub>2</sub> &amp; salt",
        author="M&#252;ller, J",
        family="M&#252;ller",
        given="J",
        journal="Science &amp; Society",
        abstract="<b>Aim</b> (p &lt; 0.05).",
        url="https://doi.org/10.5555/abc.123",
    )
    found = read(text.encode())
    (record,) = found.records
    assert found.format == name
    assert isinstance(record, Reference)
    assert record.values["title"] == "Effect of W. pip on CO2 & salt"
    assert record.values["authors"] == ["Müller, J"]
    assert record.values["journal"] == "Science & Society"
    assert record.abstract == "Aim (p < 0.05)."
    assert record.values["doi"] == "10.5555/abc.123"


class TestIdentifiers:
    @pytest.mark.parametrize(
        ("url", "name", "value"),
        [
            ("https://pubmed.ncbi.nlm.nih.gov/12345678/?dopt=abstract", "pmid", "12345678"),
            ("https://europepmc.org/article/MED/12345678", "pmid", "12345678"),
            ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC1234567/pdf/a.pdf", "pmcid", "PMC1234567"),
            ("https://example.org/doi/abs/10.5555/f.9?journalCode=x", "doi", "10.5555/f.9"),
        ],
    )
    def test_one_that_stands_in_an_address_only(self, url: str, name: str, value: str) -> None:
        assert ris_of(f"UR  - {url}").values[name] == value

    def test_address_helps_where_the_doi_is_a_short_one(self) -> None:
        record = ris_of("DO  - 10/abcd", "UR  - https://doi.org/10.5555/abc.124")
        assert (record.values["doi"], record.warnings) == ("10.5555/abc.124", ())

    def test_short_doi_alone_is_reported(self) -> None:
        record = ris_of("DO  - 10/abcd")
        assert "doi" not in record.values
        assert record.warnings[0].startswith("DOI left out (“10/abcd”). This is a short DOI.")

    def test_doi_of_the_nineties_is_not_cut_off(self) -> None:
        doi = "10.5555/(SICI)1097(1998)1<2::AID-X>3.0.CO;2-2"
        assert ris_of(f"DO  - See {doi}").values["doi"] == doi.lower()

    @pytest.mark.parametrize(
        ("lines", "name", "value"),
        [
            (["L3  - 10.5555/ebsco.1"], "doi", "10.5555/ebsco.1"),
            (["C3  - PUBMED 21314913,EMBASE 61"], "pmid", "21314913"),
            (["C5  - 38773066", "DB  - Embase", "DB  - Medline"], "pmid", "38773066"),
            (["C2  - 29763532", "DB  - Scopus"], "pmid", "29763532"),
            (["ID  - 34196305", "DB  - Ovid MEDLINE(R) ALL"], "pmid", "34196305"),
            (["AN  - MEDLINE:34196305"], "pmid", "34196305"),
            (["U1  - 35957633 [PMID]"], "pmid", "35957633"),
            (["U1  - PMC9359172 [PMCID]"], "pmcid", "PMC9359172"),
            (["N1  - Accession Number: 15. Doe, A. PMID: NLM24188904."], "pmid", "24188904"),
        ],
    )
    def test_tags_of_databases(self, lines: list[str], name: str, value: str) -> None:
        assert ris_of(*lines).values[name] == value

    def test_number_of_another_database_is_none_of_pubmed(self) -> None:
        record = ris_of("C2  - 29763532", "C5  - 38773066", "ID  - 34196305", "DB  - APA PsycInfo")
        assert "pmid" not in record.values

    def test_wrong_ones_that_pubmed_keeps_are_not_taken(self) -> None:
        record = one(
            "<PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>A</ArticleTitle>"
            "<ELocationID EIdType='doi' ValidYN='N'>10.5555/wrong</ELocationID>"
            "<ELocationID EIdType='doi' ValidYN='Y'>10.5555/right</ELocationID><AuthorList CompleteYN='N'>"
            "<Author ValidYN='N'><LastName>Deo</LastName><ForeName>Anna</ForeName></Author>"
            "<Author ValidYN='Y'><LastName>Doe</LastName><ForeName>Anna</ForeName></Author></AuthorList></Article>"
            "</MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType='pmc'>PMC1234567.1</ArticleId>"
            "</ArticleIdList></PubmedData></PubmedArticle>"
        )
        assert record.values["doi"] == "10.5555/right"
        assert record.values["authors"] == ["Doe, Anna"]
        assert record.values["pmcid"] == "PMC1234567"
        assert record.warnings == ("PubMed says that its list of authors is not complete.",)


class TestFields:
    def test_ebsco_writes_a_subtitle_where_others_write_the_journal(self) -> None:
        record = ris_of("T2  - A sub-title of no journal", "JO  - J Test", "JF  - Journal of Tests")
        assert record.values["journal"] == "Journal of Tests"
        assert "A sub-title of no journal" in record.warnings[0]
        assert ris_of("T2  - A sub-title", "JO  - Tests", "DP  - EBSCOhost").values["journal"] == "Tests"

    def test_book_of_a_chapter_comes_before_its_series(self) -> None:
        assert ris_of("T2  - Big Book", "JF  - Series", kind="CHAP").values["journal"] == "Big Book"

    def test_copyright_is_no_abstract(self) -> None:
        record = ris_of(
            "AB  - Text.", "AB  - Copyright of Pain is the property of X and its content may not be copied."
        )
        assert record.abstract == "Text."

    @pytest.mark.parametrize(
        "lines",
        [
            ["PY  - 20200501"],
            ["PY  - 2020///"],
            ["PY  - in press", "DA  - 2020/05/01"],
            ["Y1  - May 2020"],
            ["PY  - NA", "Y1  - 2020.0"],
        ],
    )
    def test_years_of_a_citation(self, lines: list[str]) -> None:
        record = ris_of(*lines)
        assert (record.values["year"], record.warnings) == ("2020", ())

    @pytest.mark.parametrize("tag", ["DEP", "PHST", "EDAT", "CRDT"])
    def test_years_of_an_electronic_article(self, tag: str) -> None:
        assert one(f"PMID- 1\nTI  - A\n{tag.ljust(4)}- 20200115\n").values["year"] == "2020"

    def test_chapter_in_medline(self) -> None:
        record = one(
            "PMID- 1\nTI  - A chapter\nBTI - The Big Book.\nAID - 10.5555/s40468-1 [book]\nDP  - 2020\n"
        )
        assert record.values["journal"] == "The Big Book"
        assert record.values["doi"] == "10.5555/s40468-1"

    @pytest.mark.parametrize("nothing", ["NA", "N/A", "n/a", "-", "nan", "null"])
    def test_signs_for_nothing(self, nothing: str) -> None:
        tags = ("AU", "T2", "VL", "IS", "SP", "EP", "AB", "DO", "PY", "KW")
        record = ris_of(*(f"{tag}  - {nothing}" for tag in tags))
        assert record.values == {"title": "A title", "publication_state": "published"}
        assert (record.abstract, record.keywords, record.warnings) == ("", (), ())

    @pytest.mark.parametrize(
        ("pages", "tidy"),
        [
            ("R4231----R4234", "R4231-R4234"),
            ("16---19", "16-19"),
            ("16 – 19", "16-19"),
            ("pp. 16--19", "16-19"),
            (r"16{\textendash}19", "16-19"),
            (r"e1\_2", "e1_2"),
            ("16-", "16"),
            ("NA--NA", None),
        ],
    )
    def test_dashes_in_pages(self, pages: str, tidy: str | None) -> None:
        assert one(f"@article{{k, title={{A}}, pages={{{pages}}}}}").values.get("pages") == tidy

    def test_paper_inherits_from_its_proceedings(self) -> None:
        talk, book = references(
            "@inproceedings{c1, author={Doe, A}, title={A talk}, crossref={P1}}\n"
            "@proceedings{p1, title={Proceedings of Tests}, doi={10.5555/p1}, year={2015}}\n"
        )
        assert (talk.values["year"], talk.values["journal"]) == ("2015", "Proceedings of Tests")
        assert "doi" not in talk.values
        assert book.values["title"] == "Proceedings of Tests"

    def test_entry_that_is_commented_out_is_skipped(self) -> None:
        gone = "%@article{b,\n%  title={Gone},\n%  year={2021}}\n% @misc{c,\n title={x}}\n"
        assert one("@article{a,\n title={Kept % 5}}\n\n" + gone).values["title"] == "Kept % 5"

    def test_journals_of_ads_are_spelled_out(self) -> None:
        record = one('@ARTICLE{k, author={{Doe}, A.~B.}, title="{A title}", journal={\\apj}, pages={5--9}}')
        assert record.values["journal"] == "The Astrophysical Journal"
        assert record.values["authors"] == ["Doe, A. B."]

    def test_preprint_of_arxiv_has_its_doi(self) -> None:
        fields = "title={A}, journal={arXiv e-prints}, archivePrefix={arXiv}, eprint={2207.03585}"
        record = one(f"@ARTICLE{{k, {fields}, pages={{arXiv:2207.03585}}}}")
        assert record.values["doi"] == "10.48550/arxiv.2207.03585"
        assert "pages" not in record.values
        published = one(f"@ARTICLE{{k, {fields.replace('arXiv e-prints', 'J Test')}, volume={{5}}}}")
        assert "doi" not in published.values

    def test_web_of_science_writes_a_blank_before_the_key(self) -> None:
        record = one(
            "@article{ ISI:000440896700001,\n   Author = {Doe, Anna B. and Roe,\n   Carl},\n"
            "   Title = {{ONE TITLE OVER\n   TWO LINES}},\n   Year = {{2018}},\n   Pages = {{3-16}},\n}\n"
        )
        assert record.values["authors"] == ["Doe, Anna B.", "Roe, Carl"]
        assert (record.values["title"], record.values["pages"]) == ("ONE TITLE OVER TWO LINES", "3-16")

    @pytest.mark.parametrize(
        "entry",
        [
            "@article{\n title = {A},\n year = 2020\n}",
            "@article{k, title = {A},\n , year = 2020}",
            "@article{k,\n title = {A}\n year = {2020}\n}",
        ],
        ids=["no key", "two commas", "no comma"],
    )
    def test_entry_with_a_slip_is_read(self, entry: str) -> None:
        record = one(entry)
        assert (record.values["title"], record.values["year"]) == ("A", "2020")
        assert record.warnings == ("This entry is not valid BibTeX: a key or a comma was added or left out.",)

    def test_every_field_of_keywords_is_read(self) -> None:
        assert one("@article{k, title={A}, keywords={a}, keywords={b}}").keywords == ("a", "b")

    def test_article_number_of_pubmed(self) -> None:
        assert (
            one("PMID- 1\nTI  - A\nLID - 10.5555/a [doi]\nLID - e42692 [pii]\n").values["pages"] == "e42692"
        )
        assert "pages" not in one("PMID- 1\nTI  - A\nLID - S1080-6032(22)00139-9 [pii]\n").values
        record = one(
            "<PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>A</ArticleTitle>"
            "<ELocationID EIdType='pii'>1042</ELocationID></Article></MedlineCitation></PubmedArticle>"
        )
        assert record.values["pages"] == "1042"

    def test_encoding_that_jabref_names(self) -> None:
        found = read("% Encoding: ISO8859_2\n@article{k, title={Dvořák}}\n".encode("iso-8859-2"))
        assert (found.encoding, found.guessed) == ("ISO-8859-2", False)
        (record,) = found.records
        assert isinstance(record, Reference)
        assert record.values["title"] == "Dvořák"


class TestAuthors:
    def test_first_ones_are_kept_where_there_is_no_room_for_all(self) -> None:
        record = ris_of(*(f"AU  - Family{number:04}, Given Q." for number in range(1200)))
        authors = record.values["authors"]
        assert isinstance(authors, list)
        assert 800 < len(authors) < 1200
        assert authors[0] == "Family0000, Given Q."
        assert record.warnings[0].startswith(f"Only the first {len(authors)} of 1,200 authors were taken")

    def test_list_that_ends_early_is_reported(self) -> None:
        record = ris_of("AU  - Doe, Anna", "AU  - et al.")
        assert record.values["authors"] == ["Doe, Anna"]
        assert record.warnings == ("The list of authors ends with “et al.”, so some are missing.",)

    def test_nobody_in_csl(self) -> None:
        record = one(
            '[{"title": "A", "author": [{"family": "Doe"}, {"literal": "et al."}, {"literal": "[Anonymous]"}]}]'
        )
        assert record.values["authors"] == ["Doe"]
        assert record.warnings == ("The list of authors ends with “et al.”, so some are missing.",)

    @pytest.mark.parametrize(
        ("line", "authors"),
        [
            ("Doe, Anna; Roe, Ben", ["Doe, Anna", "Roe, Ben"]),
            ("Doe A., Roe B.", ["Doe, A.", "Roe, B."]),
            ("Garcia Lopez, Maria Jose", ["Garcia Lopez, Maria Jose"]),
            ("World Health Organization,", ["World Health Organization"]),
            ("[Anonymous]", None),
        ],
    )
    def test_lines_of_ris(self, line: str, authors: list[str] | None) -> None:
        assert ris_of(f"AU  - {line}").values.get("authors") == authors

    def test_same_authors_under_two_tags_are_taken_once(self) -> None:
        record = ris_of("AU  - Doe, A", "AU  - Roe, B", "A1  - Doe, A", "A1  - Roe, B")
        assert record.values["authors"] == ["Doe, A", "Roe, B"]

    @pytest.mark.parametrize(
        ("names", "authors"),
        [
            ("Liu R. and van der Berg J", ["Liu, R.", "van der Berg, J"]),
            ("Doe, A.; Roe, B.", ["Doe, A.", "Roe, B."]),
            ("Anna Doe, Ben Roe, Carl Poe", ["Doe, Anna", "Roe, Ben", "Poe, Carl"]),
            ("Doe, Anna and {The Study Group}", ["Doe, Anna", "The Study Group"]),
            ("King, Jr., Martin", ["King, Martin, Jr."]),
            ("{Liu R.}", ["Liu R."]),
        ],
    )
    def test_names_in_bibtex(self, names: str, authors: list[str]) -> None:
        assert one(f"@article{{k, title={{A}}, author={{{names}}}}}").values["authors"] == authors

    @pytest.mark.parametrize(
        ("name", "bibtex_name", "csl_name", "ris_name"),
        [
            (
                "King, Martin, Jr.",
                "King, Jr., Martin",
                {"family": "King", "given": "Martin", "suffix": "Jr."},
                "King, Martin, Jr.",
            ),
            (
                "King, Jr., Martin",
                "King, Jr., Martin",
                {"family": "King", "given": "Martin", "suffix": "Jr."},
                "King, Martin, Jr.",
            ),
            ("Liu R.", "Liu, R.", {"family": "Liu", "given": "R."}, "Liu, R."),
            ("Doe,Anna", "Doe, Anna", {"family": "Doe", "given": "Anna"}, "Doe, Anna"),
            ("Study Group", "{Study Group}", {"literal": "Study Group"}, "Study Group"),
        ],
    )
    def test_people_leave_as_people(
        self, name: str, bibtex_name: str, csl_name: dict[str, str], ris_name: str
    ) -> None:
        citations = [Citation("STU-1", {"title": "A", "authors": [name]})]
        assert f"author = {{{bibtex_name}}}" in "".join(bibtex.write(citations))
        assert json.loads("".join(csl.write(citations)))[0]["author"] == [csl_name]
        assert f"AU  - {ris_name}\r\n" in "".join(ris.write(citations))


class TestWebOfScience:
    RECORD = (
        "PT J\nAU Doe, AB\n   Roe, C\nAF Doe, Anna B.\n   Roe, Carl\nCA Test Group\nTI A title over\n   two lines\n"
        "SO JOURNAL OF TESTS\nDT Article; Meeting Abstract\nDE pain; IgG\nAB Text.\nPY 2020\nVL 5\nIS 2\nBP 11\nEP 19\n"
        "DI 10.5555/w.1\nPM 12345678\nUT WOS:000123\nER\n\n"
    )

    def test_plain_text_file(self) -> None:
        first, second = references(
            f"FN Clarivate Analytics\nVR 1.0\n{self.RECORD}PT J\nTI B\nAR 7\nER\n\nEF\n"
        )
        assert first.values == {
            "title": "A title over two lines",
            "authors": ["Doe, Anna B.", "Roe, Carl", "Test Group"],
            "year": "2020",
            "journal": "JOURNAL OF TESTS",
            "volume": "5",
            "issue": "2",
            "pages": "11-19",
            "doi": "10.5555/w.1",
            "pmid": "12345678",
            "publication_state": "abstract_only",
        }
        assert (first.abstract, first.keywords, first.line) == ("Text.", ("pain", "IgG"), 3)
        assert (second.values["title"], second.values["pages"]) == ("B", "7")

    def test_record_without_its_end_does_not_affect_others(self) -> None:
        text = self.RECORD.replace("ER\n", "") + self.RECORD
        assert [record.values["title"] for record in references(text)] == ["A title over two lines"] * 2


class TestTables:
    def test_covidence(self) -> None:
        (record,) = csv_of(
            "Title,Authors,Published Year,Published Month,Journal,Volume,Issue,Pages,DOI,Covidence #",
            'One two,"Doe, A.; Roe, B.",2020,5,Test Journal,5,2,11-19,10.5555/cov.1,#12',
        )
        assert (record.values["year"], record.values["pages"]) == ("2020", "11-19")

    def test_lens(self) -> None:
        (record,) = csv_of(
            "Lens ID,Title,Publication Year,Source Title,Author/s,Volume,Issue Number,Start Page,End Page,DOI",
            "1,One two,2020,Test Journal,Anna Doe,5,2,11,19,10.5555/lens.1",
        )
        assert record.values["authors"] == ["Doe, Anna"]
        assert (record.values["issue"], record.values["pages"]) == ("2", "11-19")

    def test_scopus(self) -> None:
        first, second = csv_of(
            '"Authors","Author full names","Title","Year","Source title","Art. No.","Page start","Page end","Source"',
            '"Doe A.; Roe B.","Doe, Anna (58975547800); Roe, Ben (57190394)","One","2020","Test","","11","19","Scopus"',
            '"Doe A.","","Two","2020","","2864","","","Scopus"',
        )
        assert (first.values["authors"], first.values["pages"]) == (["Doe, Anna", "Roe, Ben"], "11-19")
        assert (second.values["authors"], second.values["pages"]) == (["Doe, A."], "2864")
        assert "journal" not in second.values

    def test_web_of_science(self) -> None:
        (record,) = csv_of(
            "PT\tAU\tAF\tTI\tSO\tPY\tVL\tIS\tBP\tEP\tDI\tPM",
            "J\tDoe, A\tDoe, Anna\tOne\tTEST J\t2020\t5\t2\t11\t19\t10.5555/w.1\t12345678",
        )
        assert record.values["authors"] == ["Doe, Anna"]
        assert (record.values["pmid"], record.values["pages"]) == ("12345678", "11-19")

    def test_embase_writes_its_search_first(self) -> None:
        (record,) = references(
            '"SEARCH QUERY","pain:ti"\n------\n\n'
            '"Title","Author Names","Medline PMID","Source title","Publication Year"\n'
            '"One","Doe A.,Roe B.","12345678","Test Journal","2020"\n'
        )
        assert record.values["authors"] == ["Doe, A.", "Roe, B."]
        assert (record.line, record.values["pmid"]) == (5, "12345678")

    def test_ebsco_guards_numbers(self) -> None:
        (record,) = csv_of(
            "Article Title,Author,Journal Title,Publication Date,First Page,Doctype",
            '"One","Doe, Anna; Roe, Ben","Pain",="4/3/2024","1","Article"',
        )
        assert (record.values["year"], record.values["pages"]) == ("2024", "1")

    def test_openalex(self) -> None:
        (record,) = csv_of(
            "title,publication_year,authorships.author.display_name,biblio.volume,biblio.first_page,biblio.last_page,doi",
            "One,2020,Anna Doe|Ben Roe,5,11,19,https://doi.org/10.5555/o.1",
        )
        assert record.values["authors"] == ["Doe, Anna", "Roe, Ben"]
        assert (record.values["volume"], record.values["pages"]) == ("5", "11-19")

    def test_citation_of_pubmed(self) -> None:
        (record,) = csv_of(
            "PMID,Title,Authors,Citation,Journal/Book,Publication Year",
            '1,One,"Doe AB, Roe B.","J Test. 2020 Feb;63(2):103-9. doi: 10.5555/a. Epub 2019 Mar 25.",J Test,2020',
        )
        assert [record.values[name] for name in ("volume", "issue", "pages")] == ["63", "2", "103-9"]

    def test_line_for_excel(self) -> None:
        (record,) = references("sep=;\ntitle;authors;year;doi\nOne;Doe, A;2020;10.5555/sep.1\n")
        assert (record.line, record.values["doi"]) == (3, "10.5555/sep.1")

    def test_numbers_that_became_decimal(self) -> None:
        (record,) = csv_of("title,year,volume,issue,pages,pmid", "One,2020.0,12.0,3.0,101.0,30000001.0")
        assert [record.values[name] for name in ("year", "volume", "issue", "pages", "pmid")] == [
            *("2020", "12", "3", "101", "30000001")
        ]

    def test_one_author_of_a_file_with_semicolons(self) -> None:
        rows = csv_of(
            "title,authors", '1,"Doe, A; Roe, B"', '2,"Poe, C; Roe, B"', '3,"Garcia Lopez, Maria Jose"'
        )
        assert rows[2].values["authors"] == ["Garcia Lopez, Maria Jose"]

    def test_columns_that_are_not_read_are_named(self) -> None:
        found = read(b"Title,Cited by,DOI,Cited by,EID\nOne,3,10.5555/a,3,x\n")
        assert found.ignored == ("Cited by", "EID")

    def test_cells_beyond_the_header_are_reported(self) -> None:
        (record,) = csv_of("title,doi", "One,10.5555/a,more")
        assert record.warnings == ("This row has 3 cells, but the header has 2 columns.",)

    def test_columns_of_other_programs_with_our_names(self) -> None:
        (record,) = csv_of("study_id,title,authors,year", 'doe2020,One,"Doe, A",2020')
        assert record.values["title"] == "One"
        with pytest.raises(RefusedFile, match="CSV export of this database"):
            read(b"study_id,title,authors,year\nSTU-1,One,,2020\n")
