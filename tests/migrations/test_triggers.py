"""The versions of the triggers: released ones do not change, and a database is compared with the newest one."""

import hashlib

import pytest
from sqlalchemy import text

from claims_app.database import Database
from claims_app.models.versions import VERSIONS
from claims_app.services.system import schema
from claims_app.triggers import CURRENT, DIALECTS, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13
from claims_app.triggers.v1.versions import TableSpec

RELEASED = {
    "v1": (v1.TRIGGERS, "4c8805ad68254beee2e19645fe6741288dc99d265aa8565489feae05990adad5"),
    "v2": (v2.TRIGGERS, "ce93bacf89d5788caf89fe91e03db0fb16a8cb0d84d1e08c284a64c938763008"),
    "v3": (v3.TRIGGERS, "9ea0e6c750600f45b3aa16646f2cf92db918a25da332e5a7da68cfbd046724ee"),
    "v4": (v4.TRIGGERS, "dcd7e07a68a8c2e3d5ffce67f7768e3fcf497b92ba207d70771a94d4c761f5f3"),
    "v5": (v5.TRIGGERS, "3692ea0fa5435335b26142669c9d1ca9e982d88d738021030e6951dc7ff1dcb1"),
    "v6": (v6.TRIGGERS, "f98f1f7017e64d77ad5bad86e386f413a2214de26b16f79084d2a10ba55f0026"),
    "v7": (v7.TRIGGERS, "9d59ea91ca8257484815994d70a115334bdd919c990b2b14efce0c56352bdba9"),
    "v8": (v8.TRIGGERS, "e65410e5a36da666d0f7b4c4a03fbb5c3d2861135e4d6a7a79f07bccb1cbcd2b"),
    "v9": (v9.TRIGGERS, "ab885ee4db146272617fec200d1a78340155e4937d2eb7d94d69da2012def5ae"),
    "v10": (v10.TRIGGERS, "04d3fbca6b9a928ce00ca12fb60969babdcdb9ad26bf431303d09095d3f59f0d"),
    "v11": (v11.TRIGGERS, "f12caf3df870d44606af861a8c97c23122f04fd20cc8af0c236e8dbdba2136c0"),
    "v12": (v12.TRIGGERS, "ba2876b6ab0538cf25c486bf6d644993780110ecd6dcb3c4262d3557b02e7ec4"),
    "v13": (v13.TRIGGERS, "03fa42afe0c65260d4ec16442e079d09f0b0a0c1063ea6cb44d5fdff75f6ba00"),
}
"""Each released version with the SHA-256 of its statements. Add new versions; never change an entry."""


@pytest.mark.parametrize("version", RELEASED)
def test_released_versions_are_unchanged(version: str) -> None:
    triggers, digest = RELEASED[version]
    statements = [statement for dialect in DIALECTS for statement in triggers.create(dialect)]
    statements += [str(triggers.views(dialect)) for dialect in DIALECTS]
    found = hashlib.sha256("\n".join(statements).encode()).hexdigest()
    assert found == digest, "Do not edit a released version. Add the next one."


def test_the_versioned_tables_match_the_models() -> None:
    assert {kept.table for kept in CURRENT.versioned} == set(VERSIONS)


def test_a_next_version_keeps_one_more_table_in_the_same_way() -> None:
    remarks = TableSpec("remarks", key=("id",), columns=("id", "text", "version"))
    following = CURRENT.with_table(remarks)
    for dialect in DIALECTS:
        added = following.triggers(dialect).keys() - CURRENT.triggers(dialect).keys()
        assert {name.replace("remarks", "topics") for name in added} == {
            name
            for name, trigger in CURRENT.triggers(dialect).items()
            if name.startswith("topics_") and trigger not in v6.moving("topics")
        }
        assert following.views(dialect).keys() - CURRENT.views(dialect).keys() == {"remarks"}


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("DROP VIEW as_of.claims", "View as_of.claims is missing."),
        ("CREATE VIEW as_of.users AS SELECT 1 AS id", "View as_of.users is not in the models."),
        (
            "CREATE OR REPLACE VIEW as_of.claim_topics AS SELECT claim_id, topic_id FROM claim_topics_versions",
            "View as_of.claim_topics differs from the models.",
        ),
        (
            "DROP TRIGGER claims_change_version ON claims",
            "Trigger claims_change_version is missing.",
        ),
        (
            "ALTER TABLE claims_versions DROP COLUMN outcome CASCADE",
            "Column claims_versions.outcome is missing.",
        ),
    ],
)
def test_differences_in_versioning_are_described(
    database: Database, kind: str, statement: str, sentence: str
) -> None:
    if kind == "sqlite":
        if " as_of." in statement or "CASCADE" in statement:
            pytest.skip("on SQLite each connection makes its own views")
        statement = statement.partition(" ON ")[0]
    with database.engine.begin() as connection:
        connection.execute(text(statement))
    assert sentence in schema.differences(database.engine)
