"""Store the stems of the words of claims, and fold more letters in the keys of titles.

Words had only lost the s of their plural, and the keys of titles kept letters such as ø and ł. The functions are those
of claims_app/rules/words.py and ranking.py before and after the change.

Revision ID: 7b51c8d2e6f4
Revises: 7b40c3d4e5f6
Create Date: 2026-11-27 20:50:00+00:00
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op
from snowballstemmer.english_stemmer import EnglishStemmer

revision = "7b51c8d2e6f4"
down_revision = "7b40c3d4e5f6"
branch_labels = None
depends_on = None

_STOP_WORDS = """
a about after all also among an and are as at be been before between both but by can could did do does during
each for from had has have having how however if in into is it its may might more most no nor not of on or our
other over same several should since so some such than that the their them then there these they this those
through to under up use used using very was we were what when where whether which while who with within without
would aim aims background conclusion conclusions method methods objective objectives purpose result results"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
AT_ONCE = 1000

claims = sa.table(
    "claims",
    sa.column("id", sa.Integer),
    sa.column("statement", sa.String),
    sa.column("population", sa.String),
    sa.column("exposure", sa.String),
    sa.column("comparator", sa.String),
    sa.column("outcome", sa.String),
)
claim_words = sa.table("claim_words", sa.column("word", sa.String), sa.column("claim_id", sa.Integer))
candidates = sa.table(
    "candidates",
    sa.column("id", sa.Integer),
    sa.column("title", sa.String),
    sa.column("title_key", sa.String),
)


def upgrade() -> None:
    _rewrite(_fold, EnglishStemmer().stemWord)


def downgrade() -> None:
    _rewrite(_fold_less, _without_plural)


def _rewrite(fold: Callable[[str], str], stem: Callable[[str], str]) -> None:
    connection = op.get_bind()
    after = 0
    while rows := connection.execute(
        sa.select(claims).where(claims.c.id > after).order_by(claims.c.id).limit(AT_ONCE)
    ).all():
        connection.execute(sa.delete(claim_words).where(claim_words.c.claim_id.in_([row.id for row in rows])))
        found = [
            {"word": word, "claim_id": row.id}
            for row in rows
            for word in sorted(_terms(" ".join(text or "" for text in row[1:]), fold, stem))
        ]
        if found:
            connection.execute(sa.insert(claim_words), found)
        after = rows[-1].id

    titled = sa.select(candidates).where(candidates.c.title.is_not(None))
    after = 0
    while rows := connection.execute(
        titled.where(candidates.c.id > after).order_by(candidates.c.id).limit(AT_ONCE)
    ).all():
        for row in rows:
            key = hashlib.sha256(" ".join(_words(row.title, fold)).encode()).hexdigest()
            if key != row.title_key:
                changed = sa.update(candidates).where(candidates.c.id == row.id)
                connection.execute(changed.values(title_key=key))
        after = rows[-1].id


def _words(text: str, fold: Callable[[str], str]) -> list[str]:
    return re.findall(r"[^\W_]+", fold(text))


def _terms(text: str, fold: Callable[[str], str], stem: Callable[[str], str]) -> set[str]:
    telling = (w for w in _words(text, fold) if len(w) > 1 and not w.isdigit() and w not in STOP_WORDS)
    return {stem(word)[:40] for word in telling}


def _fold(text: str) -> str:
    return _without_accents(unicodedata.normalize("NFKD", text.casefold().translate(LETTERS)).casefold())


def _fold_less(text: str) -> str:
    return _without_accents(unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()))


def _without_accents(text: str) -> str:
    return "".join(character for character in text if not unicodedata.combining(character))


def _without_plural(word: str) -> str:
    if len(word) > 4 and word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("es") and word[-3] not in "aeo":
        return word[:-1]
    if len(word) > 3 and word.endswith("s") and word[-2] not in "us":
        return word[:-1]
    return word
