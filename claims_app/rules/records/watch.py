"""The fields of a watch, and what it was looked for, for."""

from claims_app.rules.fields import Choice, RecordReference, Rule, Schema, Text
from claims_app.vocabulary import RecordType, WatchService, WatchState

WATCH = Schema(
    noun="watch",
    fields=(
        Choice(name="service", label="Service", terms=WatchService, required=True),
        Text(
            name="query",
            label="Search",
            help="As one types it into the service; try it there first. What is new is asked for by its date, so "
            "leave dates out.",
            required=True,
            max_length=2000,
        ),
        RecordReference(
            name="claim_id",
            label="For the claim",
            help="Such as CLM-1. A watch is for a claim or for a topic.",
            record_type=RecordType.CLAIM,
        ),
        RecordReference(name="topic_id", label="For the topic", record_type=RecordType.TOPIC),
        Choice(name="state", label="State", terms=WatchState, required=True),
        Text(
            name="note",
            label="Note",
            help="What it is meant to find, and what it leaves out.",
            max_length=1000,
            multiline=True,
        ),
    ),
    rules=(
        Rule(
            name="of_claim_or_topic",
            field="claim_id",
            sentence="Name a claim or a topic, and not both.",
            sql="(claim_id IS NULL) <> (topic_id IS NULL)",
            holds=lambda values: (values.get("claim_id") is None) != (values.get("topic_id") is None),
        ),
    ),
)
