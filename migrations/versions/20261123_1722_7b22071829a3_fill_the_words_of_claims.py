"""Fill the words of the claims that are there.

They are written out as claims_app/rules/ranking.py had it then; a claim that is changed gets them anew.

Revision ID: 7b22071829a3
Revises: 7b21f6071829
Create Date: 2026-11-23 17:22:00+00:00
"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "7b22071829a3"
down_revision = "7b21f6071829"
branch_labels = None
depends_on = None

_TELL_NOTHING = """
a about after all also among an and are as at be been before between both but by can could did do does during
each for from had has have having how however if in into is it its may might more most no nor not of on or our
other over same several should since so some such than that the their them then there these they this those
through to under up use used using very was we were what when where whether which while who with within without
would aim aims background conclusion conclusions method methods objective objectives purpose result results"""
STOP_WORDS = frozenset(_TELL_NOTHING.split())
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


def upgrade() -> None:
    connection = op.get_bind()
    there = sa.exists().where(claim_words.c.claim_id == claims.c.id)
    after = 0
    while rows := connection.execute(
        sa.select(claims).where(claims.c.id > after, ~there).order_by(claims.c.id).limit(AT_ONCE)
    ).all():
        found = [
            {"word": word, "claim_id": row.id}
            for row in rows
            for word in sorted(_terms(" ".join(text or "" for text in row[1:])))
        ]
        if found:
            connection.execute(sa.insert(claim_words), found)
        after = rows[-1].id


def downgrade() -> None:
    """The table goes with the step before; until then its rows are right."""


def _terms(text: str) -> set[str]:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    words = re.findall(r"[^\W_]+", plain)
    return {_stem(w)[:40] for w in words if len(w) > 1 and not w.isdigit() and w not in STOP_WORDS}


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("es") and word[-3] not in "aeo":
        return word[:-1]
    if len(word) > 3 and word.endswith("s") and word[-2] not in "us":
        return word[:-1]
    return word
