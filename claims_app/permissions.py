"""Who may do what, as data."""

from claims_app.vocabulary import Role, Term


class Permission(Term):
    """Something that not everybody may do."""

    CREATE = ("create", "Add records", "Make claims, studies, evidence items and limitations.")
    EDIT = ("edit", "Change records", "Change claims, studies, evidence items and limitations.")
    APPRAISE = ("appraise", "Appraise evidence", "Judge the evidence behind claims, and group studies.")
    DELETE = ("delete", "Delete records", "Delete claims, studies, evidence items and limitations.")


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.READER: frozenset(),
    Role.CURATOR: frozenset(Permission),
    Role.EDITOR: frozenset(Permission),
    Role.ADMIN: frozenset(Permission),
}


def permits(role: Role | None, permission: Permission) -> bool:
    """Whether somebody with `role` (None: nobody is signed in) has `permission`."""
    return role is not None and permission in PERMISSIONS[role]
