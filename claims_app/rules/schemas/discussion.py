"""The fields of comments, flags and reports about records."""

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
            help="Everyone can read this. Write @name to notify a user.",
        ),
    ),
)

FLAG = Schema(
    noun="flag",
    fields=(
        Choice(name="kind", label="Problem", terms=FlagKind, required=True),
        Text(
            name="text",
            label="Explanation",
            required=True,
            multiline=True,
            max_length=COMMENT_LENGTH,
            help="Shown on the claim to everyone until an editor has resolved the flag.",
        ),
    ),
)

REPORT = Schema(
    noun="report",
    fields=(
        Text(
            name="text",
            label="Description of the problem",
            required=True,
            multiline=True,
            max_length=COMMENT_LENGTH,
            help="An editor reads it first and may then show it on the claim as a report from a reader.",
        ),
        Text(
            name="contact",
            label="Your name or e-mail address",
            max_length=200,
            help="Optional, in case of questions. Only editors can see it.",
        ),
    ),
)

HIDING = Schema(
    noun="comment",
    fields=(
        Text(
            name="hidden_reason",
            label="Reason",
            required=True,
            max_length=SENTENCE_LENGTH,
            help="Shown to everyone in place of the comment.",
        ),
    ),
)

RESOLUTION = Schema(
    noun="flag",
    fields=(
        Text(
            name="resolution",
            label="Resolution",
            required=True,
            max_length=SENTENCE_LENGTH,
            help="One sentence, shown with the flag in the discussion.",
        ),
    ),
)

DISMISSAL = Schema(
    noun="report",
    fields=(
        Text(
            name="dismissal",
            label="Reason for dismissal",
            required=True,
            max_length=SENTENCE_LENGTH,
            help="Only editors can see it.",
        ),
    ),
)
