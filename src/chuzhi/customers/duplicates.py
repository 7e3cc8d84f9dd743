"""Records that may be of one person: the same identity number, the same e-mail, or the same name and birthday.

(A phone number belongs to one record only.)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import QuerySet

from chuzhi.core import vault
from chuzhi.customers import names
from chuzhi.customers.models import Customer

MOST = 10
NAMESAKES = 50
"""Birthdays are sealed, so those of one name are opened one by one; of a very common name the newest so many."""


class Why(StrEnum):
    """The surest first."""

    IDENTITY = "identity"
    EMAIL = "email"
    NAME_AND_BIRTHDAY = "name_and_birthday"
    NAME_AND_PHONE_END = "name_and_phone_end"
    """The last four digits: of rows of a file, where the rest may be written wrong."""


@dataclass(frozen=True, slots=True)
class Like:
    customer: Customer
    why: Why


def of(customer: Customer) -> list[Like]:
    """Other records that may be of the same person as this one."""
    return like(
        name=customer.name, email=customer.email, identity_number=customer.identity_number, born_on=customer.born_on,
        but=customer.pk,
    )  # fmt: skip


def like(
    *, name: str = "", email: str | None = None, identity_number: str | None = None, born_on: date | None = None, but: int = 0
) -> list[Like]:
    """Records like somebody of whom this is known, each once with its surest reason; values as they are kept."""
    others, keys, found = Customer.objects.filter(withdrawn_at=None).exclude(pk=but), vault.latest(), dict[int, Like]()
    if identity_number:
        marks = keys.marks(identity_number, kind="identity")
        _note(found, Why.IDENTITY, others.filter(identity_mark__in=marks))
    if email:
        _note(found, Why.EMAIL, others.filter(email_mark__in=keys.marks(email, kind="email")))
    if name and born_on:
        namesakes: QuerySet[Customer] = others.filter(written=names.spell(name).written).order_by("-pk")[:NAMESAKES]
        _note(found, Why.NAME_AND_BIRTHDAY, (each for each in namesakes if each.born_on == born_on))
    return sorted(found.values(), key=lambda each: list(Why).index(each.why))[:MOST]


def _note(found: dict[int, Like], why: Why, customers: Iterable[Customer]) -> None:
    for customer in customers:
        found.setdefault(customer.pk, Like(customer, why))
