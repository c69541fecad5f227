"""The fields of a topic."""

from claims_app.rules.fields import RecordReference, Rule, Schema, Text
from claims_app.vocabulary import RecordType

TOPIC = Schema(
    noun="topic",
    fields=(
        Text(
            name="slug",
            label="Short name",
            help="The name used in web addresses.",
            required=True,
            max_length=80,
        ),
        Text(name="name", label="Name", required=True, max_length=80),
        Text(name="definition", label="Definition", max_length=300),
        RecordReference(
            name="parent_id",
            label="Broader topic",
            help="Claims on this topic are also listed under the broader one. There are at most three levels.",
            record_type=RecordType.TOPIC,
        ),
    ),
    rules=(
        Rule(
            name="slug_form",
            field="slug",
            sentence="Use only lower-case letters, digits and hyphens, such as passive-transfer.",
            sql="ltrim(slug, 'abcdefghijklmnopqrstuvwxyz0123456789-') = '' AND substr(slug, 1, 1) <> '-'",
            holds=lambda values: (
                values.get("slug") is None
                or (
                    str(values["slug"]).strip("abcdefghijklmnopqrstuvwxyz0123456789-") == ""
                    and str(values["slug"])[0] != "-"
                )
            ),
        ),
    ),
)
