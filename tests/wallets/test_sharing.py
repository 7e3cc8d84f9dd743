"""A child's card stops at its cap while the parent's works: members of a wallet, their allowances, and who spent what."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import make
import pytest
from django.db import connection
from django.utils import timezone, translation

import cast
import goods
import shop
from chuzhi.core.actors import Actor
from chuzhi.core.audit import AuditEntry
from chuzhi.core.errors import Refused
from chuzhi.customers import merging
from chuzhi.customers.models import Customer
from chuzhi.ledger import spenders
from chuzhi.ledger.proof import verification
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.till import receipts, sales
from chuzhi.till.tickets import Line
from chuzhi.wallets import accounts, queries, spending
from chuzhi.wallets.errors import NotForThis
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved
from chuzhi.wallets.sharing import allowances, errors, members, rules
from chuzhi.wallets.sharing.models import Member
from chuzhi.wallets.sharing.rules import WEEK, Allowance, Period

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
THURSDAY = datetime(2026, 3, 19, 20, 30, tzinfo=UTC)  # Friday, half past four in the morning, in Shanghai


def share(wallet: Wallet, child: Customer | None = None, **caps: Any) -> Member:
    return members.add(wallet=wallet, customer=child or shop.new_customer(), allowance=Allowance(**caps), by=cast.OWNER)


def spend(member: Member, amount: int, store: Store, **more: Any) -> Moved:
    values = {"wallet": member.wallet, "key": make.key(), "by": cast.OWNER} | more
    return sales.complete(amount=amount, store=store.pk, member=member, **values)


class TestRules:
    @pytest.mark.parametrize(
        ("period", "began"),
        [
            (Period.DAY, datetime(2026, 3, 20, tzinfo=SHANGHAI)),
            (Period.WEEK, datetime(2026, 3, 16, tzinfo=SHANGHAI)),
            (Period.MONTH, datetime(2026, 3, 1, tzinfo=SHANGHAI)),
        ],
    )
    def test_a_period_begins_at_midnight_of_the_shop(self, period: Period, began: datetime) -> None:
        assert period.begins(THURSDAY, SHANGHAI) == began

    @pytest.mark.parametrize(
        ("spent", "amount", "crossed"),
        [
            ((0, 0, 0), 20_00, None),
            ((0, 0, 0), 20_01, Period.DAY),
            ((0, 50_00, 50_00), 10_00, None),
            ((0, 50_01, 50_00), 10_00, Period.WEEK),
            ((0, 0, 95_00), 5_01, Period.MONTH),
        ],
    )
    def test_the_first_cap_that_is_crossed(self, spent: tuple[int, ...], amount: int, crossed: Period | None) -> None:
        allowance = Allowance(a_day=20_00, a_week=60_00, a_month=100_00)

        assert rules.crossed(allowance, dict(zip(Period, spent, strict=True)), amount) is crossed

    @pytest.mark.parametrize(
        ("own", "is_allowed"),
        [
            ({}, True),
            ({"weekdays": {4}}, True),
            ({"weekdays": {3}}, False),
            ({"from_time": time(4), "to_time": time(5)}, True),
            ({"from_time": time(5), "to_time": time(6)}, False),
            ({"from_time": time(4), "to_time": time(4, 30)}, False),
        ],
    )
    def test_hours_are_those_of_the_store(self, own: dict[str, Any], *, is_allowed: bool) -> None:
        assert Allowance(**own).is_within_hours(THURSDAY.astimezone(SHANGHAI)) is is_allowed

    @pytest.mark.parametrize(
        ("own", "wrong"),
        [
            ({}, ""),
            ({"a_week": 0}, "a_week"),
            ({"at_once": -1}, "at_once"),
            ({"weekdays": frozenset[int]()}, "weekdays"),
            ({"weekdays": frozenset({7})}, "weekdays"),
            ({"from_time": time(8)}, "to_time"),
            ({"to_time": time(8)}, "from_time"),
            ({"from_time": time(8), "to_time": time(8)}, "to_time"),
            ({"from_day": date(2026, 3, 2), "to_day": date(2026, 3, 1)}, "to_day"),
        ],
    )
    def test_what_cannot_be_is_named(self, own: dict[str, Any], wrong: str) -> None:
        assert rules.unusable(Allowance(**own)) == wrong


class TestSpending:
    def test_the_child_stops_at_the_weekly_cap_while_the_parent_goes_on(self, funded: Wallet, store: Store) -> None:
        child = share(funded, a_week=200_00)
        spend(child, 150_00, store)

        with pytest.raises(errors.OverWeekAllowance) as no:
            spend(child, 50_01, store)

        with translation.override("en"):
            assert str(no.value) == "Weekly allowance of CN¥200.00: CN¥150.00 used, resets Monday."
        with translation.override("zh-hans"):
            assert str(no.value) == "每周限额 ¥200.00，已用 ¥150.00，周一重新计算。"
        shop.charge(funded, 300_00, store)
        spend(child, 50_00, store)
        assert queries.balance(funded).available == 80_00

    @pytest.mark.parametrize(
        ("caps", "code"),
        [
            ({"at_once": 10_00}, "allowance.at_once"),
            ({"a_day": 10_00}, "allowance.day"),
            ({"a_month": 10_00}, "allowance.month"),
        ],
    )
    def test_each_cap_holds(self, funded: Wallet, store: Store, caps: dict[str, int], code: str) -> None:
        child = share(funded, **caps)

        with pytest.raises(Refused) as no:
            spend(child, 10_01, store)
        spend(child, 10_00, store)

        assert no.value.code == code

    def test_a_refused_purchase_leaves_its_key_free(self, funded: Wallet, store: Store) -> None:
        child = share(funded, a_day=10_00)
        with pytest.raises(errors.OverDayAllowance):
            spend(child, 20_00, store, key="snack")

        members.change(member=child, allowance=Allowance(a_day=30_00), by=cast.OWNER)

        assert spend(child, 20_00, store, key="snack").amount == 20_00

    def test_the_same_key_spends_once_even_when_the_cap_is_used_up(self, funded: Wallet, store: Store) -> None:
        child = share(funded, a_day=10_00)

        first, again = (spend(child, 10_00, store, key="lunch") for _twice in range(2))

        assert (again.replayed, again.id) == (True, first.id)
        assert allowances.use_of(child).left == 0

    def test_goods_that_come_back_give_the_cap_back(self, funded: Wallet, store: Store) -> None:
        child = share(funded, a_week=100_00)
        bought = spend(child, 100_00, store)

        spending.refund(wallet=funded, charge=bought.seq, amount=40_00, reason="cold", key=make.key(), by=cast.OWNER)

        assert allowances.use_of(child).left == 40_00
        assert spend(child, 40_00, store).amount == 40_00

    def test_what_the_wallet_lacks_is_refused_by_the_ledger_and_kept(self, funded: Wallet, store: Store) -> None:
        child = share(funded)

        with pytest.raises(Refused) as no:
            spend(child, 900_00, store)

        entry = queries.entries(funded, limit=1)[0]
        assert (no.value.code, spenders.named_in(entry.details)) == ("wallet.not_enough", child.spender)
        assert entry.outcome.refusal is not None

    def test_only_its_categories(self, funded: Wallet, store: Store) -> None:
        food, toys = goods.category("Food"), goods.category("Toys")
        noodles, robot = goods.product(20_00, category=food), goods.product(20_00, category=toys)
        child = share(funded, categories=frozenset({food.pk}))

        with pytest.raises(NotForThis) as no:
            spend(child, 20_00, store, lines=[Line(robot.name, 20_00, "1", robot.sku)])
        spend(child, 20_00, store, lines=[Line(noodles.name, 20_00, "1", noodles.sku)])

        assert no.value.facts["accepted"] == "Food"

    def test_only_on_its_days_and_hours(self, funded: Wallet, store: Store) -> None:
        today = timezone.now().astimezone(ZoneInfo(store.time_zone))
        child = share(funded, weekdays=WEEK - {today.weekday()})

        with pytest.raises(errors.NotTheseHours):
            spend(child, 1_00, store)
        members.change(member=child, allowance=Allowance(to_day=today.date() - timedelta(days=1)), by=cast.OWNER)
        with pytest.raises(errors.NotTheseDays):
            spend(child, 1_00, store)

    def test_stopped_and_resumed_at_once(self, funded: Wallet, store: Store) -> None:
        child = share(funded)
        members.stop(member=child, by=cast.OWNER)

        with pytest.raises(errors.MemberStopped):
            spend(child, 1_00, store)
        members.resume(member=child, by=cast.OWNER)

        assert spend(child, 1_00, store).amount == 1_00

    def test_the_receipt_and_the_journal_name_who_spent(self, funded: Wallet, store: Store) -> None:
        child = share(funded)

        bought = spend(child, 20_00, store)

        assert receipts.of(operation=bought.id, actor=cast.OWNER).spent_by == child.customer.name
        assert spenders.named_in(queries.entries(funded, limit=1)[0].details) == child.spender
        assert verification.verify(connection.connection, deep=True).findings == []

    def test_another_member_with_the_same_key_is_another_request(self, funded: Wallet, store: Store) -> None:
        one, other = share(funded), share(funded)
        spend(one, 5_00, store, key="same")

        with pytest.raises(Refused) as no:
            spend(other, 5_00, store, key="same")

        assert no.value.code == "idempotency.key_reused"


class TestSharing:
    def test_it_is_written_down(self, wallet: Wallet) -> None:
        child = share(wallet, a_week=200_00)
        members.stop(member=child, by=cast.OWNER)
        members.stop(member=child, by=cast.OWNER)
        members.end(member=child, by=cast.OWNER)

        acts = AuditEntry.objects.filter(subject=f"wallet:{wallet.pk}", action__startswith="member.").order_by("id")
        assert list(acts.values_list("action", flat=True)) == ["member.added", "member.stopped", "member.ended"]

    def test_whoever_ended_can_be_added_again_and_is_kept(self, wallet: Wallet) -> None:
        child = share(wallet)
        members.end(member=child, by=cast.OWNER)

        again = share(wallet, child.customer)

        assert {one.pk for one in members.of_wallet(wallet, cast.OWNER)} == {child.pk, again.pk}
        assert list(members.shared_with([child.customer_id], cast.OWNER)) == [again]
        with pytest.raises(errors.MemberEnded):
            members.resume(member=child, by=cast.OWNER)

    def test_neither_the_holder_nor_twice_nor_a_bearer_s(self, wallet: Wallet) -> None:
        child, bearer = share(wallet), accounts.open_wallet(programme=wallet.programme, key=make.key(), by=cast.OWNER)
        assert wallet.customer

        for into, person, no in (
            (wallet, child.customer, errors.MemberTwice),
            (wallet, wallet.customer, errors.MemberIsHolder),
            (bearer, child.customer, errors.NotShared),
        ):
            with pytest.raises(no):
                share(into, person)

    def test_needs_the_permission(self, wallet: Wallet, cashier: Actor) -> None:
        with pytest.raises(NotAllowed):
            members.add(wallet=wallet, customer=shop.new_customer(), allowance=Allowance(), by=cashier)

    def test_a_member_of_another_wallet_is_none_here(self, wallet: Wallet) -> None:
        child = share(wallet)

        with pytest.raises(errors.MemberUnknown):
            members.named(shop.new_wallet(wallet.programme), child.pk)


class TestMerging:
    def test_the_holder_s_record_goes_and_what_was_spent_still_counts(self, funded: Wallet, store: Store) -> None:
        child, kept = share(funded, a_week=100_00), shop.new_customer()
        spend(child, 60_00, store)
        assert funded.customer

        made = merging.merge(kept=kept, gone=funded.customer, taken=(), reason="Same person", by=cast.OWNER)
        child.refresh_from_db()
        with pytest.raises(errors.OverWeekAllowance):
            spend(child, 50_00, store)
        spend(child, 40_00, store)
        merging.undo(merge=made, by=cast.OWNER)
        child.refresh_from_db()

        assert child.wallet_id == funded.pk
        assert allowances.use_of(child).spent[Period.WEEK] == 60_00

    def test_the_member_s_record_goes(self, wallet: Wallet) -> None:
        child, kept = share(wallet), shop.new_customer()

        made = merging.merge(kept=kept, gone=child.customer, taken=(), reason="Same person", by=cast.OWNER)
        assert [one.pk for one in members.shared_with([kept.pk], cast.OWNER)] == [child.pk]
        merging.undo(merge=made, by=cast.OWNER)

        assert not members.shared_with([kept.pk], cast.OWNER)

    def test_nobody_shares_a_wallet_twice(self, wallet: Wallet) -> None:
        one, other = share(wallet), share(wallet)

        merging.merge(kept=one.customer, gone=other.customer, taken=(), reason="Same person", by=cast.OWNER)

        assert [each.pk for each in members.shared_with([one.customer_id], cast.OWNER)] == [one.pk]
