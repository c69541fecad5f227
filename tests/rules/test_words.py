"""How words are compared: folded, and by their stems."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snowballstemmer.english_stemmer import EnglishStemmer

from claims_app.rules import overlap, titles, words
from claims_app.rules.text import plain

PROGRAM = Path(words.__file__).parents[1]


def test_words_are_compared_without_case_accents_and_width() -> None:
    assert list(words.words("Größe, Ménière's ＩgG—x")) == ["grosse", "meniere", "s", "igg", "x"]
    assert list(words.words("Sjøgren Æther Łódź Þór")) == ["sjogren", "aether", "lodz", "thor"]


@pytest.mark.parametrize("text", ["Sjøgren", "SJØGREN", "Sjo\N{COMBINING DIAERESIS}gren", "𝑺𝒋𝒐𝒈𝒓𝒆𝒏"])
def test_titles_names_and_words_fold_the_same_letters(text: str) -> None:
    assert list(words.words(text)) == titles.words(text) == ["sjogren"]
    assert words.digest_of_title(text) == words.digest_of_title("sjogren")
    assert overlap.author_key(f"{text}, A").family == "sjogren"


@pytest.mark.parametrize(
    ("word", "stem"),
    # From the vocabulary of Porter2 in the Snowball project, https://snowballstem.org/algorithms/english.
    [
        ("consistency", "consist"),
        ("consistently", "consist"),
        ("knightly", "knight"),
        ("news", "news"),
        ("skies", "sky"),
        ("antibodies", "antibodi"),
        ("antibody", "antibodi"),
        ("elevated", "elev"),
        ("elevation", "elev"),
        ("sensitised", "sensitis"),
        ("patients", "patient"),
        ("fibrosis", "fibrosi"),
        ("virus", "virus"),
        ("illness", "ill"),
        ("mice", "mice"),
    ],
)
def test_words_have_the_stems_of_porter2(word: str, stem: str) -> None:
    assert words.stem(word) == stem


@given(st.text().map(plain))
def test_a_stem_is_never_longer_than_its_word_by_more_than_a_letter(word: str) -> None:
    # Porter2 completes some stems with an e (“hop” of “hoping” becomes “hope”).
    assert len(words.stem(word)) <= len(word) + 1


def test_stems_are_the_same_in_several_threads() -> None:
    # The stemmer keeps its word as it works, so a shared one would mix up the words of two threads.
    some = [
        f"{stem}{number:x}{end}"
        for number in range(2000)
        for stem, end in [("sensitis", "ation"), ("el", "s")]
    ]
    alone = EnglishStemmer()
    expected = [alone.stemWord(word) for word in some]
    words.stem.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: [words.stem.__wrapped__(word) for word in some], range(8)):
            assert found == expected


def test_there_is_one_stemmer_and_one_folding() -> None:
    sources = {path.relative_to(PROGRAM).as_posix(): path.read_text() for path in PROGRAM.rglob("*.py")}
    assert [name for name, text in sources.items() if "snowballstemmer" in text] == ["rules/words.py"]
    assert [name for name, text in sources.items() if re.search(r"^def stem", text, re.M)] == [
        "rules/words.py"
    ]
    assert [name for name, text in sources.items() if "unicodedata.combining" in text] == ["rules/text.py"]
