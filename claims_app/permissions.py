"""The policy: who may do what, to whose work, in which state. One table, asked through every door.

A row says what becomes of an attempt for each sort of doer, once for a database without review and
once for one where review is required. Pages offer what the table allows, and services refuse the rest,
so that a form, a command, an import and a program that comes with a token meet the same answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from claims_app.vocabulary import Effect, ReviewState, Role, Term, Whose


class Permission(Term):
    """Something that not everybody may do."""

    CREATE = ("create", "Add records", "Make claims, studies, evidence items and limitations.")
    EDIT = ("edit", "Change records", "Change claims, studies, evidence items and limitations.")
    APPRAISE = ("appraise", "Appraise evidence", "Judge the evidence behind claims, and group studies.")
    DELETE = ("delete", "Delete records", "Delete claims, studies, evidence items and limitations.")
    RESTORE = ("restore", "Restore records", "Bring deleted records back.")
    MERGE = ("merge", "Merge duplicates", "Make one record of two that are the same, and take that back.")
    REVIEW = ("review", "Review", "Accept or reject what others submitted.")
    WITHDRAW = ("withdraw", "Withdraw proposals", "Take back what one proposed.")
    COMMENT = ("comment", "Comment", "Write comments, and take one's own back.")
    FLAG = ("flag", "Flag", "Say that something is wrong with a claim or an evidence item.")
    RESOLVE = (
        "resolve",
        "Resolve flags",
        "Resolve flags, hide comments, and decide on what readers reported.",
    )
    MANAGE_ACCOUNTS = (
        "manage_accounts",
        "Manage accounts",
        "Add accounts, change their roles, and disable them.",
    )


class Doer(Term):
    """Who attempts something: somebody with a role, nobody that is known, or a command on the server."""

    NOBODY = ("nobody", "Nobody", "Somebody who is not signed in.")
    READER = (Role.READER.value, Role.READER.label, Role.READER.definition)
    CURATOR = (Role.CURATOR.value, Role.CURATOR.label, Role.CURATOR.definition)
    EDITOR = (Role.EDITOR.value, Role.EDITOR.label, Role.EDITOR.definition)
    ADMIN = (Role.ADMIN.value, Role.ADMIN.label, Role.ADMIN.definition)
    OPERATOR = ("operator", "Operator", "Whoever runs commands on the server.")


@dataclass(frozen=True)
class Decision:
    """What becomes of an attempt, and where it is refused, why."""

    effect: Effect
    why: str = ""

    def __bool__(self) -> bool:
        return self.effect is not Effect.NO


@dataclass(frozen=True)
class Row:
    """One line of the policy.

    `off` and `required` have a letter for each of reader, curator, editor, admin and operator: `n` (now),
    `r` (after review) or `-` (refused). An empty `whose` or `states` means any.
    """

    permission: Permission
    off: str
    required: str
    whose: tuple[Whose, ...] = tuple(Whose)
    states: tuple[ReviewState, ...] = tuple(ReviewState)
    why: str = ""

    def cells(self) -> Iterator[tuple["Cell", Decision]]:
        """Yield each cell of the table that this line fills."""
        for review, letters in ((False, self.off), (True, self.required)):
            for doer, letter in zip(_COLUMNS, letters, strict=True):
                effect = _EFFECTS[letter]
                refused = self.why or f"{_somebody(doer)} cannot do this: {self.permission.definition}"
                decision = Decision(effect, refused if effect is Effect.NO else "")
                for whose in self.whose:
                    for state in self.states:
                        yield Cell(review, doer, self.permission, whose, state), decision


@dataclass(frozen=True)
class Cell:
    """One question to the policy."""

    review: bool
    doer: Doer
    permission: Permission
    whose: Whose
    state: ReviewState


_COLUMNS = (Doer.READER, Doer.CURATOR, Doer.EDITOR, Doer.ADMIN, Doer.OPERATOR)
_EFFECTS = {"n": Effect.NOW, "r": Effect.REVIEW, "-": Effect.NO}

_OWN = (Whose.OWN,)
_OTHERS = (Whose.OTHERS,)
_STANDS = (ReviewState.ACCEPTED,)
_WAITS = (ReviewState.SUBMITTED,)
_REFUSED = (ReviewState.REJECTED,)
_PENDING = (ReviewState.SUBMITTED, ReviewState.REJECTED)
_DECIDED = (ReviewState.ACCEPTED, ReviewState.REJECTED, ReviewState.SUPERSEDED, ReviewState.WITHDRAWN)
_OVER = (ReviewState.SUPERSEDED, ReviewState.WITHDRAWN)

_OTHERS_WAIT = (
    "It waits for review; until then only its author changes it. A comment can say what should be different."
)
_OTHERS_REJECTED = "It was rejected; only its author can mend it."
_NOT_MERGED = "Only what stands is merged: what waits for review is decided on first."
_NOT_THERE = "There is nothing left to change: it is settled."

POLICY: tuple[Row, ...] = (
    #                                  rceao    rceao     reader, curator, editor, admin, operator
    Row(Permission.CREATE, "-nnnn", "-rrrr"),
    Row(Permission.RESTORE, "-nnnn", "-rrrr"),
    Row(Permission.EDIT, "-nnnn", "-rrrr", states=_STANDS),
    Row(Permission.EDIT, "-nnnn", "-nnnn", whose=_OWN, states=_PENDING),
    Row(Permission.EDIT, "-nnnn", "-----", whose=_OTHERS, states=_WAITS, why=_OTHERS_WAIT),
    Row(Permission.EDIT, "-nnnn", "-----", whose=_OTHERS, states=_REFUSED, why=_OTHERS_REJECTED),
    Row(Permission.EDIT, "-----", "-----", states=_OVER, why=_NOT_THERE),
    Row(Permission.DELETE, "-nnnn", "-rrrr", states=_STANDS),
    Row(Permission.DELETE, "-nnnn", "-nnnn", whose=_OWN, states=_PENDING),
    Row(Permission.DELETE, "-nnnn", "-----", whose=_OTHERS, states=_WAITS, why=_OTHERS_WAIT),
    Row(Permission.DELETE, "-nnnn", "-----", whose=_OTHERS, states=_REFUSED, why=_OTHERS_REJECTED),
    Row(Permission.DELETE, "-----", "-----", states=_OVER, why=_NOT_THERE),
    Row(Permission.APPRAISE, "-nnnn", "-rrrr", states=_STANDS),
    Row(
        Permission.APPRAISE,
        "-nnnn",
        "-----",
        states=(*_PENDING, *_OVER),
        why="A claim is appraised once it is accepted.",
    ),
    Row(Permission.MERGE, "-nnnn", "--nnn", states=_STANDS),
    Row(Permission.MERGE, "-----", "-----", states=(*_PENDING, *_OVER), why=_NOT_MERGED),
    Row(Permission.REVIEW, "--nn-", "--nn-", whose=_OTHERS, states=_WAITS),
    Row(
        Permission.REVIEW,
        "-nnn-",
        "-----",
        whose=_OWN,
        states=_WAITS,
        why="Nobody accepts or rejects their own work: another editor decides.",
    ),
    Row(Permission.REVIEW, "-----", "-----", states=_DECIDED, why="It does not wait for review any more."),
    Row(Permission.WITHDRAW, "-nnnn", "-nnnn", whose=_OWN, states=_WAITS),
    Row(
        Permission.WITHDRAW,
        "-----",
        "-----",
        whose=_OTHERS,
        states=_WAITS,
        why="Only its author takes a proposal back.",
    ),
    Row(Permission.WITHDRAW, "-----", "-----", states=_DECIDED, why="It does not wait for review any more."),
    Row(Permission.COMMENT, "nnnn-", "nnnn-"),
    Row(Permission.FLAG, "nnnn-", "nnnn-"),
    Row(Permission.RESOLVE, "--nn-", "--nn-"),
    Row(Permission.MANAGE_ACCOUNTS, "---nn", "---nn"),
)


def _filled() -> dict[Cell, Decision]:
    """Return the whole table, cell by cell. Raises ValueError for a cell that two lines fill."""
    table: dict[Cell, Decision] = {}
    for row in POLICY:
        for cell, decision in row.cells():
            if cell in table:
                raise ValueError(f"Two lines of the policy speak of {cell}.")
            table[cell] = decision
    return table


def _somebody(doer: Doer) -> str:
    article = "An" if doer.label[0] in "AEIO" else "A"
    return f"{article} {doer.label.lower()}"


TABLE = _filled()
"""The policy, cell by cell; nobody who is not signed in may do any of it."""


def decide(
    doer: Doer,
    permission: Permission,
    *,
    review: bool,
    whose: Whose = Whose.OTHERS,
    state: ReviewState = ReviewState.ACCEPTED,
) -> Decision:
    """Return what becomes of an attempt; what the table has no cell for is refused."""
    if doer is Doer.NOBODY:
        return Decision(Effect.NO, f"Log in first. {permission.definition}")
    refused = Decision(Effect.NO, f"{_somebody(doer)} cannot do this: {permission.definition}")
    return TABLE.get(Cell(review, doer, permission, whose, state), refused)


def permits(role: Role | None, permission: Permission) -> bool:
    """Whether somebody with `role` (None: nobody is signed in) may ever do this, to anything."""
    if role is None:
        return False
    doer = Doer.of(role.value)
    return any(
        cell.doer is doer and cell.permission is permission and decision for cell, decision in TABLE.items()
    )
