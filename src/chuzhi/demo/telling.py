"""Telling the year to the product: stores, people and wallets first, then every top-up and basket, through the commands."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import actors
from chuzhi.core.errors import Refused
from chuzhi.customers import bulk
from chuzhi.customers.models import Customer
from chuzhi.demo import journey, names, rules
from chuzhi.demo.invented import Invented
from chuzhi.demo.models import DemoRun
from chuzhi.demo.rules import Saving
from chuzhi.demo.story import Basket, Household, Source
from chuzhi.ledger.chart import Method
from chuzhi.ledger.proof import verification
from chuzhi.organization import staff, stores
from chuzhi.organization.models import Staff, Store, Till
from chuzhi.organization.roles import ADMINISTRATOR, Grant
from chuzhi.till import histories
from chuzhi.till.histories import Sold
from chuzhi.till.tickets import Line
from chuzhi.topups import offers
from chuzhi.topups.offer_rules import Every, Gift, Kind
from chuzhi.topups.offers import Conditions
from chuzhi.wallets import accounts, programmes
from chuzhi.wallets.funding import Payment
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.spending import Purchase

BY = actors.system("demo")
AT_ONCE = 20
YEARS = timedelta(days=800)
LONGEST_STORY = 2_000
PROGRAMME, ADMIN = "demo", "demo"
Counters = dict[int, tuple[int, int]]
"""A store of the source → our store and its till."""


class NotEmpty(Refused):
    code = "demo.not_empty"
    message = _("This installation has customers of its own. The demo fills an empty one: set CHUZHI_DATA to another folder.")


def source(*, now: datetime, zone: tzinfo, invented: bool) -> Source:
    """The real year where its package is installed, else (or if wanted so) one invented from a seed."""
    folder = None if invented else journey.folder()
    return journey.Journey(folder, now=now, zone=zone) if folder else Invented(now=now, zone=zone)


@transaction.atomic(durable=True)
def begin(year: Source) -> DemoRun:
    """Everything but people and money, once: the chain's stores and tills, its programme and somebody to look at it."""
    if known := DemoRun.objects.first():
        return known
    if Customer.objects.exists():
        raise NotEmpty
    chain = {f"S{number:04d}": names.store(place) for place, number in enumerate(year.stores())}
    stores.add_chain(names=chain, till="1", by=BY)
    bands = rules.BANDS
    programme = programmes.open(
        code=PROGRAMME, name="储值卡", asset="CNY", by=BY, bands=bands, accepted_from=timezone.now() - YEARS
    )
    _offer(programme)
    staff.add(username=ADMIN, name="演示管理员", password=None, grants=[Grant(ADMINISTRATOR)], by=BY)
    totals = year.totals()
    return DemoRun.objects.create(
        source=year.name, is_real=year.is_real, households=totals.households, baskets=totals.baskets, amount=totals.amount
    )


def _offer(programme: Programme) -> None:
    """Beside the terms: more for who pays more, over some months, while the budget lasts."""
    gift = Gift(kind=Kind.BONUS, amount=480_00, worth=480_00, parts=4, every=Every.MONTH)
    offers.add(
        programme=programme, name_zh="充 2000 送 480，分四个月到账", name_en="2000 gets 480 over four months", budget=48_000_00,
        conditions=Conditions(starts_at=timezone.now()), bands=[(2000_00, [gift])], by=BY,
    )  # fmt: skip


def tell(year: Source, *, until: int | None = None) -> Iterator[DemoRun]:
    """The story from where it stands to `until` households (or to its end); yields how far it is now and then.

    May be killed at any moment and begun again: every key is named after its basket, so nothing is told twice.
    """
    run = DemoRun.objects.get()
    counters, programme = _counters(), Programme.objects.get(code=PROGRAMME)
    left = itertools.islice(year.households(), run.households_told, until)
    while some := list(itertools.islice(left, AT_ONCE)):
        wallets = _wallets(some, programme)
        told = [step for household in some for step in _story(household, wallets[household.number], counters)]
        for start in range(0, len(told), LONGEST_STORY):
            histories.tell(story=told[start : start + LONGEST_STORY], by=BY)
        _count(some, told)
        run.refresh_from_db()
        yield run


def finish(run: DemoRun) -> DemoRun:
    """The verifier's verdict over everything that was told."""
    connection.ensure_connection()
    report = verification.verify(connection.connection)
    run.findings, run.finished_at = report.wrong, timezone.now()
    run.save(update_fields=["findings", "finished_at"])
    return run


def administrator() -> Staff:
    return Staff.objects.get(username=ADMIN)


def _counters() -> Counters:
    tills = dict(Till.objects.values_list("store_id", "pk"))
    return {
        int(code[1:]): (pk, tills[pk]) for pk, code in Store.objects.filter(code__regex=r"^S\d+$").values_list("pk", "code")
    }


def _wallets(households: Sequence[Household], programme: Programme) -> dict[int, Wallet]:
    """Each household's customer and wallet, made if they are not there yet."""
    codes = {f"{household.number}": household for household in households}
    known = set(Customer.objects.filter(external_id__in=codes).values_list("external_id", flat=True))
    fresh = [
        bulk.Person(name=names.person(each.number), phone=names.phone(each.number), external_id=code, tags=("演示",))
        for code, each in codes.items()
        if code not in known
    ]
    if fresh:
        bulk.register(fresh, by=BY, is_made_up=True)
    return {
        int(customer.external_id or 0): accounts.open_wallet(
            programme=programme,
            customer=customer,
            key=f"wallet:{customer.external_id}",
            by=BY,
            created_at=codes[customer.external_id or ""].baskets[0].at - rules.BEFORE,
        )
        for customer in Customer.objects.filter(external_id__in=codes)
    }


def _story(household: Household, wallet: Wallet, counters: Counters) -> Iterator[Payment | Sold]:
    for number, step in enumerate(rules.told(household.baskets)):
        if isinstance(step, Saving):
            yield _payment(step, number, wallet, counters)
        elif step.amount:
            yield _sold(step, wallet, counters)


def _payment(step: Saving, number: int, wallet: Wallet, counters: Counters) -> Payment:
    store, till = counters[step.store]
    return Payment(
        wallet=wallet, amount=step.amount, method=Method.CASH, store=store, till=till, effective_at=step.at,
        key=f"saving:{step.basket}:{number}",
    )  # fmt: skip


def _sold(basket: Basket, wallet: Wallet, counters: Counters) -> Sold:
    store, till = counters[basket.store]
    purchase = Purchase(
        wallet=wallet, amount=basket.amount, store=store, till=till, effective_at=basket.at, key=f"basket:{basket.number}"
    )
    return Sold(purchase, [Line(names.department(each.department), each.amount, str(each.items)) for each in basket.parts])


def _count(households: Sequence[Household], told: Sequence[Payment | Sold]) -> None:
    baskets = [basket for household in households for basket in household.baskets]
    DemoRun.objects.update(
        households_told=F("households_told") + len(households),
        baskets_told=F("baskets_told") + len(baskets),
        free_baskets_told=F("free_baskets_told") + sum(not basket.amount for basket in baskets),
        top_ups_told=F("top_ups_told") + sum(isinstance(step, Payment) for step in told),
        amount_told=F("amount_told") + sum(step.purchase.amount for step in told if isinstance(step, Sold)),
    )
