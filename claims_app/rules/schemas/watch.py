"""The fields of a watch: a saved search for a claim or a topic."""

from claims_app.rules.fields import Choice, RecordReference, Rule, Schema, Text
from claims_app.vocabulary import RecordType, WatchService, WatchState

WATCH = Schema(
    noun="watch",
    fields=(
        Choice(name="service", label="Service", terms=WatchService, required=True),
        Text(
            name="query",
            label="Search",
            help="In the search syntax of the service; try it there first. Leave dates out; new results are filtered "
            "by date.",
            required=True,
            max_length=2000,
        ),
        RecordReference(
            name="claim_id",
            label="Claim",
            help="A watch is for one claim or one topic.",
            record_type=RecordType.CLAIM,
        ),
        RecordReference(name="topic_id", label="Topic", record_type=RecordType.TOPIC),
        Choice(name="state", label="State", terms=WatchState, required=True),
        Text(
            name="note",
            label="Note",
            help="What the search should find, and what it leaves out.",
            max_length=1000,
            multiline=True,
        ),
    ),
    rules=(
        Rule(
            name="of_claim_or_topic",
            field="claim_id",
            sentence="Enter either a claim or a topic.",
            sql="(claim_id IS NULL) <> (topic_id IS NULL)",
            holds=lambda values: (values.get("claim_id") is None) != (values.get("topic_id") is None),
        ),
    ),
)
