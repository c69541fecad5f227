"""Version 8 of the triggers: the keys by which studies are compared are noted when something compared changes.

`services.deduplication.kept_pairs` compares the studies with a noted key, and keeps the pairs that may be duplicates.
The notes are rows of their own: whoever takes one leaves those that other transactions write meanwhile.
"""

from claims_app.triggers import v7
from claims_app.triggers.trigger import Trigger

_OF_PAIRS = "substr({}.key, 1, 1) IN ('=', '@')"
_NOTE = "INSERT INTO study_pair_queue (key) VALUES ({}.key)"

NOTES: tuple[Trigger, ...] = (
    Trigger(
        "new_key_is_compared",
        "study_keys",
        "AFTER INSERT",
        when=_OF_PAIRS.format("NEW"),
        action=_NOTE.format("NEW"),
    ),
    Trigger(
        "lost_key_is_compared",
        "study_keys",
        "AFTER DELETE",
        when=_OF_PAIRS.format("OLD"),
        action=_NOTE.format("OLD"),
    ),
    Trigger(
        "moved_key_is_compared",
        "study_keys",
        "AFTER UPDATE",
        action=f"{_NOTE.format('OLD')};\n  {_NOTE.format('NEW')}",
    ),
    Trigger(
        "changed_study_is_compared",
        "studies",
        "AFTER UPDATE OF title, authors, year, journal, volume, pages, publication_state, registry_id, doi, pmid, "
        "pmcid, version_of_id, merged_into_id, review_state",
        action="INSERT INTO study_pair_queue (key)\n"
        f"    SELECT key FROM study_keys WHERE study_id = NEW.id AND {_OF_PAIRS.format('study_keys')}",
    ),
)

TRIGGERS = v7.TRIGGERS.with_rules(*NOTES)
TABLES = ("study_keys", "studies")
"""The tables whose triggers differ from those of the version before."""
