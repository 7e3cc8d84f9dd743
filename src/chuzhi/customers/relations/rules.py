"""What two people are to each other, seen from either side."""

from enum import StrEnum


class Role(StrEnum):
    """What the other is to somebody."""

    PARENT = "parent"
    CHILD = "child"
    SPOUSE = "spouse"
    EMPLOYER = "employer"
    EMPLOYEE = "employee"
    FRIEND = "friend"


BACK = {
    Role.PARENT: Role.CHILD,
    Role.CHILD: Role.PARENT,
    Role.SPOUSE: Role.SPOUSE,
    Role.EMPLOYER: Role.EMPLOYEE,
    Role.EMPLOYEE: Role.EMPLOYER,
    Role.FRIEND: Role.FRIEND,
}
"""What somebody is to the other."""
KINDS = [str(role) for role in (Role.PARENT, Role.SPOUSE, Role.EMPLOYER, Role.FRIEND)]
"""How a relation is kept: from the side of the parent or employer."""


def kept(customer: int, other: int, role: Role) -> tuple[int, int, str]:
    """Who is what of whom, when `other` is `role` to `customer`. What goes both ways is kept from the lower number."""
    first, second, kind = (other, customer, role) if role in KINDS else (customer, other, BACK[role])
    if BACK[kind] is kind and first > second:
        first, second = second, first
    return first, second, str(kind)
