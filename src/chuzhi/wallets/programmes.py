"""Programmes and the versions of their terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.catalogue.models import Category
from chuzhi.core import audit, money
from chuzhi.core.actors import Actor
from chuzhi.core.remembered import Remembered
from chuzhi.ledger import assets
from chuzhi.organization.authority import require
from chuzhi.organization.models import Store
from chuzhi.wallets import rules
from chuzhi.wallets.errors import OfEveryStore, ProgrammeCodeTaken, TermsUnusable
from chuzhi.wallets.models import OfferBand, Programme, ProgrammeTerms
from chuzhi.wallets.rules import Band, Terms

MANAGE = "programmes.manage"
_LIMITS = ("most_per_charge", "most_charged_a_day", "most_per_top_up", "most_topped_up_a_day", "most_held", "most_per_gift")
_DAYS = ("principal_valid_days", "bonus_valid_days")
LONGEST_DAYS = 36_500


class Promised(TypedDict, total=False):
    """What terms may say; what is absent is as `ProgrammeTerms` has it by default. `bands` are (pay, bonus) in minor units."""

    order: str
    refund_order: str
    refund_grace_days: int
    most_per_charge: int | None
    most_charged_a_day: int | None
    most_per_top_up: int | None
    most_topped_up_a_day: int | None
    most_held: int | None
    most_per_gift: int | None
    principal_valid_days: int | None
    bonus_valid_days: int | None
    stores: Sequence[int]
    categories: Sequence[int]
    bands: Sequence[tuple[int, int]]
    accepted_from: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A programme as the tills see it: its asset's number and every version of its terms."""

    id: int
    code: str
    name: str
    kind: str
    asset: int
    asset_code: str
    is_open: bool
    versions: tuple[Terms, ...]

    def terms(self, at: datetime | None = None) -> Terms:
        return rules.in_force(self.versions, at or timezone.now())


@transaction.atomic
def open(*, code: str, name: str, asset: str, by: Actor, **promised: Unpack[Promised]) -> Programme:  # noqa: A001  # programmes.open
    """A new programme with the first version of its terms."""
    _require(by)
    assets.number(asset)
    programme, is_new = Programme.objects.get_or_create(
        code=code, defaults={"name": name, "asset": asset, "kind": _kind(asset)}
    )
    if not is_new:
        raise ProgrammeCodeTaken(given=code)
    _add_version(programme, 1, by, promised)
    audit.record("programme.opened", f"programme:{programme.pk}", by=by, code=code, asset=asset)
    return programme


@transaction.atomic
def revise(*, programme: Programme, by: Actor, **promised: Unpack[Promised]) -> ProgrammeTerms:
    """A new version of the whole terms: what is not given falls back to the default, not to the version before.

    Lots sold earlier keep the expiry they were sold with.
    """
    _require(by)
    programme = Programme.objects.select_for_update().get(pk=programme.pk)
    last = programme.terms.order_by("-version").values_list("version", flat=True)[0]
    terms = _add_version(programme, last + 1, by, promised)
    audit.record("programme.revised", f"programme:{programme.pk}", by=by, version=terms.version)
    return terms


@transaction.atomic
def close(*, programme: Programme, by: Actor) -> None:
    """Sell no more of it. What is held can still be spent and refunded."""
    _require(by)
    if Programme.objects.filter(pk=programme.pk, is_open=True).update(is_open=False):
        audit.record("programme.closed", f"programme:{programme.pk}", by=by)
    known.forget()
    transaction.on_commit(known.forget)


def visible_to(actor: Actor) -> QuerySet[Programme]:
    """For those who change them; whoever works at a till meets the open ones with the wallets."""
    return Programme.objects.order_by("pk") if actor.may(MANAGE) else Programme.objects.none()


def _require(by: Actor) -> None:
    """Terms hold in every store, so one who answers for some of them only may not set them."""
    require(by, MANAGE)
    if by.stores is not None:
        raise OfEveryStore


def _look_up(number: int) -> Known:
    programme = Programme.objects.get(pk=number)
    versions = ProgrammeTerms.objects.filter(programme=programme).prefetch_related("bands").order_by("version")
    return Known(
        programme.pk, programme.code, programme.name, programme.kind, assets.number(programme.asset), programme.asset,
        programme.is_open, tuple(_decided(terms) for terms in versions),
    )  # fmt: skip


known: Remembered[int, Known] = Remembered(_look_up)


def _decided(terms: ProgrammeTerms) -> Terms:
    return Terms(
        id=terms.pk,
        version=terms.version,
        accepted_from=terms.accepted_from,
        order=terms.order,
        refunds_in_proportion=terms.refund_order == ProgrammeTerms.RefundOrder.PROPORTIONAL,
        refund_grace_days=terms.refund_grace_days,
        most_per_charge=terms.most_per_charge,
        most_charged_a_day=terms.most_charged_a_day,
        most_per_top_up=terms.most_per_top_up,
        most_topped_up_a_day=terms.most_topped_up_a_day,
        most_held=terms.most_held,
        most_per_gift=terms.most_per_gift,
        principal_valid_days=terms.principal_valid_days,
        bonus_valid_days=terms.bonus_valid_days,
        stores=frozenset(terms.stores),
        categories=frozenset(terms.categories),
        bands=tuple(Band(band.pk, band.pay, band.bonus) for band in sorted(terms.bands.all(), key=lambda band: band.pay)),
    )


def _kind(asset: str) -> str:
    if asset == assets.POINTS:
        return Programme.Kind.POINTS
    return Programme.Kind.VISITS if asset.startswith("VISITS:") else Programme.Kind.MONEY


def _add_version(programme: Programme, version: int, by: Actor, promised: Promised) -> ProgrammeTerms:
    _check(promised)
    given = dict(promised)
    bands = promised.get("bands", ())
    given.pop("bands", None)
    given["stores"] = sorted(set(promised.get("stores", ())))
    given["categories"] = sorted(set(promised.get("categories", ())))
    given.setdefault("accepted_from", timezone.now())
    terms = ProgrammeTerms.objects.create(programme=programme, version=version, made_by=by.label, **given)
    OfferBand.objects.bulk_create(OfferBand(terms=terms, pay=pay, bonus=bonus) for pay, bonus in bands)
    known.forget()
    transaction.on_commit(known.forget)
    return terms


def _check(promised: Promised) -> None:
    """Refuse what the table would not take, by the name of what is wrong."""
    if promised.get("order", ProgrammeTerms.DeductionOrder.PRINCIPAL_FIRST) not in ProgrammeTerms.DeductionOrder:
        raise TermsUnusable(field="order")
    if promised.get("refund_order", ProgrammeTerms.RefundOrder.LAST_FIRST) not in ProgrammeTerms.RefundOrder:
        raise TermsUnusable(field="refund_order")
    for name, most in (*((name, money.LARGEST) for name in _LIMITS), *((name, LONGEST_DAYS) for name in _DAYS)):
        limit = promised.get(name)
        if limit is not None and (type(limit) is not int or not 0 < limit <= most):
            raise TermsUnusable(field=name)
    if not 0 <= promised.get("refund_grace_days", 0) <= LONGEST_DAYS:
        raise TermsUnusable(field="refund_grace_days")
    bands = promised.get("bands", ())
    if len({pay for pay, _bonus in bands}) < len(bands):
        raise TermsUnusable(field="bands")
    for pay, bonus in bands:
        money.check(pay)
        money.check(bonus)
    stores = set(promised.get("stores", ()))
    if Store.objects.filter(pk__in=stores).count() != len(stores):
        raise TermsUnusable(field="stores")
    categories = set(promised.get("categories", ()))
    if Category.objects.filter(pk__in=categories).count() != len(categories):
        raise TermsUnusable(field="categories")
