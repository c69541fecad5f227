"""The policy: who may do what, to whose work, and in which state, as one table.

Each row gives the effect of an action for every kind of actor, once without review and once where
review is required. Pages offer what the table allows and services refuse everything else, so forms,
commands, imports and API clients follow the same rules.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from claims_app.vocabulary import Effect, ReviewState, Role, Term, Whose


class Permission(Term):
    """An action that not everyone is allowed to take."""

    CREATE = ("create", "Add records", "Add claims, studies, evidence items or limitations.")
    EDIT = ("edit", "Change records", "Change claims, studies, evidence items or limitations.")
    APPRAISE = ("appraise", "Appraise evidence", "Appraise the evidence behind claims or group studies.")
    DELETE = ("delete", "Delete records", "Delete claims, studies, evidence items or limitations.")
    RESTORE = ("restore", "Restore records", "Restore deleted records.")
    MERGE = ("merge", "Merge duplicates", "Merge duplicate records or undo a merge.")
    REVIEW = ("review", "Review", "Accept or reject the work of others.")
    WITHDRAW = ("withdraw", "Withdraw proposals", "Withdraw proposals.")
    COMMENT = ("comment", "Comment", "Comment on claims, evidence items and proposals.")
    FLAG = ("flag", "Flag", "Flag a problem with a claim or an evidence item.")
    RESOLVE = (
        "resolve",
        "Resolve flags",
        "Resolve flags, hide comments or decide on reports from readers.",
    )
    MANAGE_ACCOUNTS = (
        "manage_accounts",
        "Manage accounts",
        "Add accounts, change their roles or disable them.",
    )
    MANAGE_WEBHOOKS = (
        "manage_webhooks",
        "Manage webhooks",
        "Add webhooks, change them or see what was sent to them.",
    )
    OPERATE = (
        "operate",
        "Operate the site",
        "See how the site is doing: jobs, storage, errors and metrics.",
    )


class Doer(Term):
    """Who acts: an account with a role, an anonymous visitor, or a command on the server."""

    NOBODY = ("nobody", "Nobody", "A visitor who is not logged in.")
    READER = (Role.READER.value, Role.READER.label, Role.READER.definition)
    CURATOR = (Role.CURATOR.value, Role.CURATOR.label, Role.CURATOR.definition)
    EDITOR = (Role.EDITOR.value, Role.EDITOR.label, Role.EDITOR.definition)
    ADMIN = (Role.ADMIN.value, Role.ADMIN.label, Role.ADMIN.definition)
    OPERATOR = ("operator", "Operator", "Runs commands on the server.")


@dataclass(frozen=True)
class Decision:
    """The effect of an action, and the reason if it is refused."""

    effect: Effect
    why: str = ""

    def __bool__(self) -> bool:
        return self.effect is not Effect.NO


@dataclass(frozen=True)
class Row:
    """One line of the policy.

    `off` (no review) and `required` (review required) have a letter for each of reader, curator, editor,
    admin and operator: `n` (now), `r` (after review) or `-` (refused). By default, a row applies to
    anybody's work in any state.
    """

    permission: Permission
    off: str
    required: str
    whose: tuple[Whose, ...] = tuple(Whose)
    states: tuple[ReviewState, ...] = tuple(ReviewState)
    why: str = ""

    def cells(self) -> Iterator[tuple["Cell", Decision]]:
        """Yield each cell of the table that this row fills."""
        for review, letters in ((False, self.off), (True, self.required)):
            for doer, letter in zip(_COLUMNS, letters, strict=True):
                effect = _EFFECTS[letter]
                refused = self.why or cannot(doer, self.permission)
                decision = Decision(effect, refused if effect is Effect.NO else "")
                for whose in self.whose:
                    for state in self.states:
                        yield Cell(review, doer, self.permission, whose, state), decision


@dataclass(frozen=True)
class Cell:
    """One cell of the table: who acts, how, on whose work, in which state, with or without review."""

    review: bool
    doer: Doer
    permission: Permission
    whose: Whose
    state: ReviewState


_COLUMNS = (Doer.READER, Doer.CURATOR, Doer.EDITOR, Doer.ADMIN, Doer.OPERATOR)
_EFFECTS = {"n": Effect.NOW, "r": Effect.REVIEW, "-": Effect.NO}

_OWN = (Whose.OWN,)
_OTHERS = (Whose.OTHERS,)
_ACCEPTED = (ReviewState.ACCEPTED,)
_SUBMITTED = (ReviewState.SUBMITTED,)
_REJECTED = (ReviewState.REJECTED,)
_PENDING = (ReviewState.SUBMITTED, ReviewState.REJECTED)
_DECIDED = (ReviewState.ACCEPTED, ReviewState.REJECTED, ReviewState.SUPERSEDED, ReviewState.WITHDRAWN)
_OVER = (ReviewState.SUPERSEDED, ReviewState.WITHDRAWN)

_OTHERS_WAIT = (
    "It is waiting for review; until then only its author can change it. Leave a comment to suggest changes."
)
_OTHERS_REJECTED = "It was rejected; only its author can revise it."
_NOT_MERGED = "Only accepted records can be merged; review it first."
_NOT_THERE = "It is closed and can no longer be changed."

POLICY: tuple[Row, ...] = (
    #                                  rceao    rceao     reader, curator, editor, admin, operator
    Row(Permission.CREATE, "-nnnn", "-rrrr"),
    Row(Permission.RESTORE, "-nnnn", "-rrrr"),
    Row(Permission.EDIT, "-nnnn", "-rrrr", states=_ACCEPTED),
    Row(Permission.EDIT, "-nnnn", "-nnnn", whose=_OWN, states=_PENDING),
    Row(Permission.EDIT, "-nnnn", "-----", whose=_OTHERS, states=_SUBMITTED, why=_OTHERS_WAIT),
    Row(Permission.EDIT, "-nnnn", "-----", whose=_OTHERS, states=_REJECTED, why=_OTHERS_REJECTED),
    Row(Permission.EDIT, "-----", "-----", states=_OVER, why=_NOT_THERE),
    Row(Permission.DELETE, "-nnnn", "-rrrr", states=_ACCEPTED),
    Row(Permission.DELETE, "-nnnn", "-nnnn", whose=_OWN, states=_PENDING),
    Row(Permission.DELETE, "-nnnn", "-----", whose=_OTHERS, states=_SUBMITTED, why=_OTHERS_WAIT),
    Row(Permission.DELETE, "-nnnn", "-----", whose=_OTHERS, states=_REJECTED, why=_OTHERS_REJECTED),
    Row(Permission.DELETE, "-----", "-----", states=_OVER, why=_NOT_THERE),
    Row(Permission.APPRAISE, "-nnnn", "-rrrr", states=_ACCEPTED),
    Row(
        Permission.APPRAISE,
        "-nnnn",
        "-----",
        states=(*_PENDING, *_OVER),
        why="A claim can be appraised only after it has been accepted.",
    ),
    Row(Permission.MERGE, "-nnnn", "--nnn", states=_ACCEPTED),
    Row(Permission.MERGE, "-----", "-----", states=(*_PENDING, *_OVER), why=_NOT_MERGED),
    Row(Permission.REVIEW, "--nn-", "--nn-", whose=_OTHERS, states=_SUBMITTED),
    Row(
        Permission.REVIEW,
        "-nnn-",
        "-----",
        whose=_OWN,
        states=_SUBMITTED,
        why="You cannot review your own work. Another editor has to decide.",
    ),
    Row(Permission.REVIEW, "-----", "-----", states=_DECIDED, why="It is no longer waiting for review."),
    Row(Permission.WITHDRAW, "-nnnn", "-nnnn", whose=_OWN, states=_SUBMITTED),
    Row(
        Permission.WITHDRAW,
        "-----",
        "-----",
        whose=_OTHERS,
        states=_SUBMITTED,
        why="Only the author of a proposal can withdraw it.",
    ),
    Row(Permission.WITHDRAW, "-----", "-----", states=_DECIDED, why="It is no longer waiting for review."),
    Row(Permission.COMMENT, "nnnn-", "nnnn-"),
    Row(Permission.FLAG, "nnnn-", "nnnn-"),
    Row(Permission.RESOLVE, "--nn-", "--nn-"),
    Row(Permission.MANAGE_ACCOUNTS, "---nn", "---nn"),
    Row(Permission.MANAGE_WEBHOOKS, "---nn", "---nn"),
    Row(Permission.OPERATE, "---nn", "---nn"),
)


def _filled() -> dict[Cell, Decision]:
    """Return the whole table, cell by cell. Raises ValueError if two rows fill the same cell."""
    table: dict[Cell, Decision] = {}
    for row in POLICY:
        for cell, decision in row.cells():
            if cell in table:
                raise ValueError(f"Two rows of the policy fill {cell}.")
            table[cell] = decision
    return table


def cannot(doer: Doer, permission: Permission) -> str:
    """Return the sentence that refuses a permission to everybody in a role."""
    article = "An" if doer.label[0] in "AEIO" else "A"
    return f"{article} {doer.label.lower()} cannot {_lower(permission.definition)}"


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


TABLE = _filled()
"""The policy, cell by cell. Visitors who are not logged in may do none of it."""


def decide(
    doer: Doer,
    permission: Permission,
    *,
    review: bool,
    whose: Whose = Whose.OTHERS,
    state: ReviewState = ReviewState.ACCEPTED,
) -> Decision:
    """Return the effect of an action; what the table has no cell for is refused."""
    if doer is Doer.NOBODY:
        return Decision(Effect.NO, f"Log in to {_lower(permission.definition)}")
    refused = Decision(Effect.NO, cannot(doer, permission))
    return TABLE.get(Cell(review, doer, permission, whose, state), refused)


def permits(role: Role | None, permission: Permission) -> bool:
    """Whether an account with `role` (None: not logged in) may do this to at least some records."""
    if role is None:
        return False
    doer = Doer.of(role.value)
    return any(
        cell.doer is doer and cell.permission is permission and decision for cell, decision in TABLE.items()
    )
