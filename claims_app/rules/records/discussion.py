"""What is said about records: comments, flags and reports, each with its limits."""

from claims_app.rules.fields import Choice, Schema, Text
from claims_app.vocabulary import FlagKind

COMMENT_LENGTH = 4000
SENTENCE_LENGTH = 500

COMMENT = Schema(
    noun="comment",
    fields=(
        Text(
            name="text",
            label="Comment",
            required=True,
            multiline=True,
            max_length=COMMENT_LENGTH,
            help="Everybody can read it. @name tells somebody who has an account here.",
        ),
    ),
)

FLAG = Schema(
    noun="flag",
    fields=(
        Choice(name="kind", label="What is wrong", terms=FlagKind, required=True),
        Text(
            name="text",
            label="Why",
            required=True,
            multiline=True,
            max_length=COMMENT_LENGTH,
            help="It stands on the claim for everybody to read until an editor has dealt with it.",
        ),
    ),
)

REPORT = Schema(
    noun="report",
    fields=(
        Text(
            name="text",
            label="What is wrong",
            required=True,
            multiline=True,
            max_length=COMMENT_LENGTH,
            help="An editor reads it first; then it may be shown on the claim, as from a reader.",
        ),
        Text(
            name="contact",
            label="Your name or mail address",
            max_length=200,
            help="If you like, for questions. Only editors see it.",
        ),
    ),
)

HIDING = Schema(
    noun="comment",
    fields=(
        Text(
            name="hidden_reason",
            label="Why",
            required=True,
            max_length=SENTENCE_LENGTH,
            help="It stands in the place of the comment, for everybody to read.",
        ),
    ),
)

RESOLUTION = Schema(
    noun="flag",
    fields=(
        Text(
            name="resolution",
            label="What became of it",
            required=True,
            max_length=SENTENCE_LENGTH,
            help="One sentence; it stays beside the flag in the discussion.",
        ),
    ),
)

DISMISSAL = Schema(
    noun="report",
    fields=(
        Text(
            name="dismissal",
            label="Why it is dismissed",
            required=True,
            max_length=SENTENCE_LENGTH,
            help="Only editors see it.",
        ),
    ),
)
