"""Peculiarities of other programs in the formats, one test each."""

import codecs

import pytest

from claims_app.formats.references import read
from claims_app.formats.references.citation import Citation
from claims_app.formats.references.mapping import find_doi, find_registry_id, species_of
from claims_app.rules.reference import Reference, Unreadable
from claims_app.vocabulary import Species
from tests.formats.references.reading import one, references, refused

RIS = "TY  - JOUR\nTI  - Müller’s study\nAU  - Müller, H\nER  - \n"


def ris(*lines: str, kind: str = "JOUR") -> Reference:
    """Return a record with these lines."""
    return one("\n".join([f"TY  - {kind}", "TI  - A title", *lines, "ER  - ", ""]))


class TestEncodings:
    @pytest.mark.parametrize(
        ("data", "encoding", "guessed"),
        [
            (codecs.BOM_UTF8 + RIS.encode(), "UTF-8", False),
            (RIS.encode("utf-16"), "UTF-16", False),
            (RIS.encode("utf-16-le"), "UTF-16", True),
            (RIS.encode("cp1252"), "Windows-1252", True),
        ],
        ids=["utf-8-mark", "utf-16", "utf-16-le", "cp1252"],
    )
    def test_encoding_is_reported_and_no_record_is_lost(
        self, data: bytes, encoding: str, guessed: bool
    ) -> None:
        found = read(data)
        assert (found.encoding, found.guessed) == (encoding, guessed)
        (record,) = found.records
        assert isinstance(record, Reference)
        assert record.values["title"] == "Müller’s study"

    def test_xml_declares_its_encoding(self) -> None:
        record = "<record><titles><title>Łódź</title></titles></record>"
        text = f'<?xml version="1.0" encoding="ISO-8859-2"?><xml><records>{record}</records></xml>'
        found = read(text.encode("iso-8859-2"))
        assert (found.encoding, found.guessed) == ("ISO-8859-2", False)
        assert isinstance(found.records[0], Reference)
        assert found.records[0].values["title"] == "Łódź"

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
    def test_line_ends_of_any_system(self, end: str) -> None:
        first, second = references((RIS * 2).replace("\n", end))
        assert first.values == second.values
        assert second.line == 5


class TestRis:
    def test_last_record_needs_no_end(self) -> None:
        assert len(references("TY  - JOUR\nTI  - A\nER  - \nTY  - JOUR\nTI  - B\n")) == 2

    def test_unclosed_record_does_not_affect_others(self) -> None:
        first, second = references("TY  - JOUR\nTI  - A\n\nTY  - JOUR\nTI  - B\nER  - \n")
        assert (first.values["title"], second.values["title"]) == ("A", "B")

    def test_record_without_its_first_line_is_read(self) -> None:
        first, second = references("TY  - JOUR\nTI  - A\nER  - \nTI  - B\nAU  - C\nER  - \n")
        assert (second.line, second.values["title"], second.values["authors"]) == (4, "B", ["C"])
        assert not first.warnings
        assert second.warnings == ("The line “TY  - ” is missing, so this was read as a journal article.",)

    def test_file_without_any_first_line_is_read(self) -> None:
        text = "AU  - Doe, Anna\nTI  - A\nER  - \n\nTI  - B\nER  - \n"
        assert [record.values["title"] for record in references(text)] == ["A", "B"]

    def test_lines_before_the_first_one_are_of_the_record(self) -> None:
        first, second = references(
            "DB  - Scopus\nTI  - A\nTY  - JOUR\nPY  - 2006\nER  - \nTI  - B\nTY  - JOUR\nPY  - 2007\nER  - \n"
        )
        assert (first.values["title"], first.values["year"]) == ("A", "2006")
        assert (second.values["title"], second.values["year"]) == ("B", "2007")
        assert first.warnings == ("The lines before “TY  - ” were read as a part of this record.",)

    def test_two_records_are_not_joined(self) -> None:
        first, second = references("TI  - A\nPY  - 2006\n\nTY  - JOUR\nTI  - B\nER  - \n")
        assert (first.values["title"], second.values["title"]) == ("A", "B")
        assert "year" not in second.values

    def test_lines_after_a_record_are_of_no_other(self) -> None:
        text = (
            "1.\nTY  - JOUR\nTI  - A\nER  - \nNL  - J Test\nUR  - https://example.org/a\n\n"
            "Link to the full text: https://example.org/a\n\n2.\nTY  - JOUR\nTI  - B\nER  - \nUR  - https://example.org/b\n"
        )
        assert [(record.values["title"], "url" in record.values) for record in references(text)] == [
            ("A", False),
            ("B", False),
        ]

    def test_text_before_and_between_records_is_ignored(self) -> None:
        text = f"Provider: EBSCO\nContent: text/plain\n\n{RIS}\n2.\n{RIS}"
        assert [record.line for record in references(text)] == [4, 10]

    def test_one_blank_before_the_hyphen(self) -> None:
        assert one("TY - JOUR\nTI - A\nPY - 2020\nER -\n").values["year"] == "2020"

    def test_indented_lines(self) -> None:
        assert one("   TY  - JOUR\n   TI  - A\n   PY  - 2020\n   ER  - \n").values["year"] == "2020"

    def test_line_of_an_abstract_is_not_a_tag(self) -> None:
        record = ris("AB  - Cytokines rose:", "IL - 6 and", "CRP - not.", "", "Second part.")
        assert record.abstract == "Cytokines rose: IL - 6 and CRP - not.\nSecond part."

    def test_each_line_is_one_keyword(self) -> None:
        assert ris("KW  - pain", "KW  - IgG", "mice", "KW  - pain").keywords == ("pain", "IgG", "mice")

    @pytest.mark.parametrize(
        ("lines", "pages"),
        [
            (["SP  - 12", "EP  - 19"], "12-19"),
            (["SP  - 12-19"], "12-19"),
            (["SP  - e12", "EP  - e12"], "e12"),
            (["C7  - e144201"], "e144201"),
            (["EP  - 19"], "19"),
        ],
        ids=["both", "one", "same", "number", "last"],
    )
    def test_pages(self, lines: list[str], pages: str) -> None:
        assert ris(*lines).values["pages"] == pages

    @pytest.mark.parametrize(
        ("lines", "field", "value"),
        [
            (["UR  - https://doi.org/10.1000%2FABC.1"], "doi", "10.1000/abc.1"),
            (["DO  - doi: 10.1000/ABC.1."], "doi", "10.1000/abc.1"),
            (["DO  - https://dx.doi.org/10.1000/abc"], "doi", "10.1000/abc"),
            (["M3  - 10.1000/abc"], "doi", "10.1000/abc"),
            (["UR  - https://pubmed.ncbi.nlm.nih.gov/34196305/"], "pmid", "34196305"),
            (["AN  - 34196305", "DB  - PubMed"], "pmid", "34196305"),
            (["M2  - PMID: 34196305"], "pmid", "34196305"),
            (["N1  - PMCID: PMC8245181"], "pmcid", "PMC8245181"),
            (["C2  - PMC8245181"], "pmcid", "PMC8245181"),
            (["UR  - https://pmc.ncbi.nlm.nih.gov/articles/PMC8245181/"], "pmcid", "PMC8245181"),
            (["CN  - ISRCTN50189673"], "registry_id", "ISRCTN50189673"),
            (["M1  - 13"], "issue", "13"),
            (["PY  - 2020/05/01/"], "year", "2020"),
            (["Y1  - May 2020"], "year", "2020"),
            (["JF  - Pain", "JO  - P"], "journal", "Pain"),
            (
                ["UR  - https://doi.org/10.1000/abc", "UR  - https://example.org/x;"],
                "url",
                "https://example.org/x",
            ),
        ],
        ids=lambda value: value[0][:18] if isinstance(value, list) else "",
    )
    def test_tags_of_fields(self, lines: list[str], field: str, value: str) -> None:
        assert ris(*lines).values[field] == value

    def test_number_of_another_database_is_not_a_pubmed_number(self) -> None:
        record = ris("AN  - 12345678", "DB  - Embase")
        assert "pmid" not in record.values
        assert record.warnings == ()

    def test_url_of_the_doi_is_not_repeated(self) -> None:
        assert "url" not in ris("DO  - 10.1000/abc", "UR  - https://doi.org/10.1000/abc").values

    @pytest.mark.parametrize(
        ("kind", "lines", "state"),
        [
            ("JOUR", [], "published"),
            ("UNPB", [], "preprint"),
            ("JOUR", ["T2  - medRxiv"], "preprint"),
            ("JOUR", ["DO  - 10.1101/2022.07.07.22276952"], "preprint"),
            ("CPAPER", [], "abstract_only"),
            ("JOUR", ["M3  - Conference Abstract"], "abstract_only"),
            ("ELEC", ["M1  - NCT05643794"], "registered"),
            ("WEB", ["UR  - https://clinicaltrials.gov/study/NCT05643794"], "registered"),
            ("JOUR", ["M1  - NCT05643794", "T2  - Pain"], "published"),
        ],
        ids=lambda value: str(value[:1] or value)[:30],
    )
    def test_publication_state(self, kind: str, lines: list[str], state: str) -> None:
        assert ris(*lines, kind=kind).values["publication_state"] == state

    def test_guess_of_an_abstract_is_reported(self) -> None:
        assert ris(kind="CONF").warnings == (
            "Treated as a conference abstract. If it is a full paper, change the publication state.",
        )

    def test_retraction_in_the_title_is_reported(self) -> None:
        (warning,) = one("TY  - JOUR\nTI  - RETRACTED: A study\nER  - \n").warnings
        assert "Check its standing" in warning

    def test_type_of_work_is_not_a_design(self) -> None:
        record = ris("M3  - Review", "M3  - Retracted Publication")
        assert "design" not in record.values
        assert record.warnings == ("PubMed lists this study as retracted. Check its standing.",)

    def test_value_that_is_too_long_is_left_out_with_a_warning(self) -> None:
        record = ris(f"T2  - {'a' * 400}")
        assert "journal" not in record.values
        assert record.warnings[0].startswith(f"Journal left out (“{'a' * 79}…”). Use at most 300 characters")

    def test_title_that_is_too_long_is_kept_to_be_refused_for_its_length(self) -> None:
        record = one(f"TY  - JOUR\nTI  - {'a' * 2000}\nDO  - 10.1000/abc\nER  - \n")
        assert record.values["title"] == "a" * 2000
        assert record.warnings == ()

    def test_second_doi_is_reported(self) -> None:
        record = ris("DO  - 10.1000/abc", "DO  - 10.1000/xyz")
        assert record.values["doi"] == "10.1000/abc"
        assert record.warnings == ("DOI left out (“10.1000/xyz”). The record also has 10.1000/abc.",)


class TestBibtex:
    @pytest.mark.parametrize(
        ("value", "title"),
        [
            ('"A " # b # { C}', "A bee C"),
            ("b", "bee"),
            ("{A {DNA} test}", "A DNA test"),
            ('{A "quoted" test}', 'A "quoted" test'),
            ("{50% of x_1 # 2 & 3}", "50% of x_1 # 2 & 3"),
            (r"{50\% of x\_1 \& $\alpha$}", "50% of x_1 & α"),
            ("{Pages 1--2 --- ``so''}", "Pages 1–2 — “so”"),
            (r"{{\'E}tude d\'{e}j\`a \c{c}a {\ss} {\o} {\L}}", "Étude déjà ça ß ø Ł"),
            ("{A~tie}", "A tie"),
            ("{Two\n   lines}", "Two lines"),
        ],
    )
    def test_values(self, value: str, title: str) -> None:
        assert one(f'@string{{b = "bee"}}\n@article{{k, title = {value}}}').values["title"] == title

    @pytest.mark.parametrize(
        ("names", "authors"),
        [
            ("Andreas Goebel and Jan van den Berg", ["Goebel, Andreas", "van den Berg, Jan"]),
            ("Goebel, Andreas and Krock, E.", ["Goebel, Andreas", "Krock, E."]),
            ("{World Health Organization} and {A and B}", ["World Health Organization", "A and B"]),
            ('{\\"O}zt{\\"u}rk, {\\c S}', ["Öztürk, Ş"]),
            ("Smith, Jr, John", ["Smith, John, Jr"]),
            ("family=Müller, given=Hans", ["Müller, Hans"]),
            ("Plato", ["Plato"]),
        ],
    )
    def test_names(self, names: str, authors: list[str]) -> None:
        assert one(f"@article{{k, title = {{A}}, author = {{{names}}}}}").values["authors"] == authors

    def test_entry_in_round_brackets(self) -> None:
        assert one('@article(k, title = "A (b)", year = 2020)').values["year"] == "2020"

    def test_comments_and_preambles_are_ignored(self) -> None:
        text = '% x\n@comment{jabref-meta: a;}\n@preamble{"x"}\n@Comment{y}\n@article{k, title={A}}\n'
        assert one(text).line == 5

    def test_entries_with_the_same_key_are_kept(self) -> None:
        assert (
            len(
                references(
                    "@article{k, title={A}}\n@article{k, title={B}}\n@misc{k, title={C}} @misc{k, title={D}}"
                )
            )
            == 4
        )

    def test_first_of_duplicate_fields_counts(self) -> None:
        assert one("@article{k, title={A}, title={B}}").values["title"] == "A"

    def test_unclosed_entry_does_not_affect_others(self) -> None:
        text = "@article{a,\n title = {A,\n year = 2020\n\n@article{b,\n title = {B}\n}\n"
        (bad,) = refused(text)
        assert (bad.line, "brace" in bad.reason) == (1, True)
        assert [type(record) for record in read(text.encode()).records] == [Unreadable, Reference]

    def test_latex_that_is_too_deep_is_kept_as_it_is(self) -> None:
        record = one("@article{k, title={" + "{" * 60 + "\\'e" + "}" * 60 + "}, doi={10.1000/abc}}")
        assert str(record.values["title"]).count("{") == 60
        assert record.warnings[0].startswith("Kept as it is:")

    def test_article_number_and_underscores_in_a_url(self) -> None:
        record = one(
            r"@article{k, title={A}, eid={e1}, url={https://example.org/a\_b\%20c}, doi={10.1000/a\_b}}"
        )
        assert record.values["pages"] == "e1"
        assert record.values["url"] == "https://example.org/a_b%20c"
        assert record.values["doi"] == "10.1000/a_b"


class TestMedline:
    def test_short_names_without_full_names(self) -> None:
        record = one("PMID- 1\nTI  - A\nAU  - van Raaij MJ\nAU  - Smith J Jr\nCN  - A Group\n")
        assert record.values["authors"] == ["van Raaij, MJ", "Smith, J, Jr", "A Group"]

    @pytest.mark.parametrize(
        ("types", "design"),
        [
            (["Journal Article", "Randomized Controlled Trial"], "randomised_trial"),
            (["Review", "Systematic Review"], "systematic_review"),
            (["Meta-Analysis", "Randomized Controlled Trial"], "systematic_review"),
            (["Controlled Clinical Trial"], "non_randomised_trial"),
            (["Case Reports"], "case_series"),
            (["Review"], "narrative_review"),
            (["Editorial"], "expert_opinion"),
            (["Clinical Trial"], None),
            (["Observational Study"], None),
        ],
        ids=lambda value: "+".join(value) if isinstance(value, list) else "",
    )
    def test_design_from_publication_types(self, types: list[str], design: str | None) -> None:
        record = one("PMID- 1\nTI  - A\n" + "".join(f"PT  - {name}\n" for name in types))
        assert record.values.get("design") == design

    def test_preprint(self) -> None:
        assert one("PMID- 1\nTI  - A\nPT  - Preprint\n").values["publication_state"] == "preprint"

    def test_translated_title(self) -> None:
        assert one("PMID- 1\nTI  - [A title].\nTT  - Ein Titel.\n").values["title"] == "A title"

    def test_records_without_a_blank_line_between_them(self) -> None:
        assert [record.line for record in references("PMID- 1\nTI  - A\nPMID- 2\nTI  - B\n")] == [1, 3]

    def test_other_databanks_are_not_registries(self) -> None:
        record = one("PMID- 1\nTI  - A\nSI  - GENBANK/AB123456\n")
        assert "registry_id" not in record.values
        assert record.warnings == ()

    @pytest.mark.parametrize(
        ("headings", "species"),
        [
            (["Humans", "*Fibromyalgia/immunology"], [Species.HUMAN]),
            (["Animals", "Mice, Inbred C57BL"], [Species.MOUSE]),
            (["Animals", "Humans", "Rats, Wistar", "Mice"], [Species.HUMAN, Species.MOUSE, Species.RAT]),
            (["Animals", "Dogs"], [Species.OTHER_ANIMAL]),
            (["Mole Rats", "Animals"], [Species.OTHER_ANIMAL]),
            (["Human Rights"], []),
        ],
    )
    def test_species(self, headings: list[str], species: list[Species]) -> None:
        assert species_of(headings) == species


class TestXml:
    def test_labelled_abstract_and_mark_up_inside_text(self) -> None:
        record = one(
            "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>The <i>A</i>"
            "<sub>2</sub>.</ArticleTitle><Abstract><AbstractText Label='AIM'>To see.</AbstractText><AbstractText "
            "Label='RESULT'>Seen.</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"
        )
        assert record.values["title"] == "The A2"
        assert record.abstract == "AIM: To see.\nRESULT: Seen."

    def test_truncated_record_does_not_affect_others(self) -> None:
        text = (
            "<xml><records>\n<record><titles><title>A</title>\n"
            "<record><titles><title>B</title></titles></record></records></xml>"
        )
        (bad,) = refused(text)
        assert (bad.line, bad.reason) == (2, "This record is cut off: its closing </record> is missing.")
        assert len(read(text.encode()).records) == 2

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
    def test_each_malformed_record_is_reported_with_its_line(self, end: str) -> None:
        bad = "<record>\n<titles><title>A & B</title></titles></record>\n"
        text = (
            f"<xml><records>\n{bad}<record><titles><title>C</title></titles></record>\n{bad}</records></xml>"
        )
        assert [(record.line, record.reason) for record in refused(text.replace("\n", end))] == [
            (2, "This record is not well-formed XML (line 3)."),
            (5, "This record is not well-formed XML (line 6)."),
        ]

    def test_control_characters_and_entities_of_html_are_read(self) -> None:
        record = one(
            "<xml><records><record><titles><title>A\x0b &uuml; &amp; &lt;</title></titles></record></records></xml>"
        )
        assert record.values["title"] == "A ü & <"

    def test_identifiers_of_cited_articles_are_not_its_own(self) -> None:
        record = one(
            "<PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>A</ArticleTitle></Article>"
            "</MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType='pubmed'>1</ArticleId></ArticleIdList>"
            "<ReferenceList><Reference><ArticleIdList><ArticleId IdType='doi'>10.1000/cited</ArticleId></ArticleIdList>"
            "</Reference></ReferenceList></PubmedData></PubmedArticle>"
        )
        assert "doi" not in record.values


class TestCsl:
    @pytest.mark.parametrize(
        "text",
        [
            '{"type": "article-journal", "title": "A"}',
            '[{"type": "article-journal", "title": "A"}]',
            '{"items": [{"type": "article-journal", "title": "A"}], "total": 1}',
            '\ufeff  [\n {"type": "article-journal", "title": "A"} ,\n]',
        ],
        ids=["object", "array", "items", "comma"],
    )
    def test_containers_of_items(self, text: str) -> None:
        assert one(text).values["title"] == "A"

    def test_line_ends_inside_text(self) -> None:
        assert one('[{"title": "A\nB", "abstract": "C\tD"}]').values["title"] == "A B"

    def test_one_object_per_line(self) -> None:
        assert [record.line for record in references('{"title": "A"}\n{"title": "B"}\n')] == [1, 2]

    def test_invalid_item_does_not_affect_others(self) -> None:
        first, second, third = read(b'[{"title": "A"},\n{"title": oops},\n{"title": "C"}]').records
        assert isinstance(second, Unreadable)
        assert (second.line, second.reason) == (2, "This record is not JSON (line 2, column 11).")
        assert isinstance(first, Reference)
        assert isinstance(third, Reference)

    @pytest.mark.parametrize(
        ("issued", "year"),
        [
            ('{"date-parts": [[2020, 5]]}', "2020"),
            ('{"date-parts": [["2020"]]}', "2020"),
            ('{"raw": "May 2020"}', "2020"),
            ('{"literal": "2020-05"}', "2020"),
            ('"2020-05-01"', "2020"),
            ("2020", "2020"),
            ('{"date-parts": [[null]]}', None),
            ('{"date-parts": [[]]}', None),
        ],
    )
    def test_dates(self, issued: str, year: str | None) -> None:
        assert one(f'[{{"title": "A", "issued": {issued}}}]').values.get("year") == year


class TestCsv:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_delimiters(self, delimiter: str) -> None:
        record = one(f"Title{delimiter}Year{delimiter}DOI\nA{delimiter}2020{delimiter}10.1000/abc\n")
        assert (record.values["title"], record.values["year"], record.values["doi"]) == (
            "A",
            "2020",
            "10.1000/abc",
        )

    def test_invalid_row_does_not_affect_others(self) -> None:
        bad, good = read(b'title,doi\n"A" x,10.1000/a\nB,10.1000/b\n').records
        assert isinstance(bad, Unreadable)
        assert (bad.line, bad.source) == (2, '"A" x,10.1000/a')
        assert isinstance(good, Reference)
        assert good.line == 3

    def test_short_rows_and_empty_ones(self) -> None:
        assert [record.values["title"] for record in references("title,year,doi\nA\n,,\n\nB,2020\n")] == [
            "A",
            "B",
        ]


def test_doi_is_found_in_other_text() -> None:
    assert find_doi("See doi:10.1000/abc, (2020)") == "10.1000/abc"
    with pytest.raises(ValueError, match="Enter a DOI"):
        find_doi("none")


def test_registry_number_is_found_after_its_registry() -> None:
    assert find_registry_id("ClinicalTrials.gov/NCT04381936") == "NCT04381936"
    assert find_registry_id("ISRCTN: ISRCTN50189673") == "ISRCTN50189673"


@pytest.mark.parametrize(
    ("pages", "parts"),
    [
        ("12-19", ("12", "19")),
        ("e12", ("e12", "")),
        ("12-19-20", ("12-19-20", "")),
        ("12-12", ("12-12", "")),
        ("-", ("-", "")),
    ],
)
def test_pages_are_split_only_if_they_can_be_restored(pages: str, parts: tuple[str, str]) -> None:
    assert Citation("STU-1", {"pages": pages}).split_pages() == parts
