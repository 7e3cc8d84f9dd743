"""Customers who ask an agent for a top-up: what stands in the way, who clears it, and how it is paid, once."""

from datetime import timedelta

import make
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

import cast
import shop
from chuzhi.core.actors import Actor
from chuzhi.core.audit import AuditEntry
from chuzhi.core.errors import Refused
from chuzhi.ledger.chart import Method
from chuzhi.messaging.models import Delivery, Message
from chuzhi.organization.models import Store
from chuzhi.topups import agents, orders
from chuzhi.topups.assisted import fulfilling, remedies, requests
from chuzhi.topups.assisted.models import AssistedTopUp, standing
from chuzhi.topups.models import AgentCredit, Order
from chuzhi.wallets import accounts, queries
from chuzhi.wallets.models import Programme, Wallet
from topups import asking

pytestmark = pytest.mark.django_db

Status = AssistedTopUp.Status


@pytest.fixture
def wallet(programme: Programme) -> Wallet:
    return asking.known_wallet(programme)


class TestTakingDown:
    def test_who_speaks_and_how_we_know_is_kept_with_the_evidence(self, wallet: Wallet, cashier: Actor) -> None:
        row = asking.asked(
            wallet,
            cashier,
            speaker="other",
            caller="王太太",
            verified="document",
            note="很急",
            files=[asking.PDF],
            channel="letter",
        )

        row = AssistedTopUp.objects.get(pk=row.pk)
        assert (row.caller, row.note, row.status) == ("王太太", "很急", Status.OPEN)
        assert (row.made_by, row.currency, row.steps.get().kind) == (cashier.label, "CNY", "taken_down")
        assert requests.opened(document=row.documents.get(), by=cashier) == asking.PDF[1]
        assert AuditEntry.objects.filter(action="assisted.document_opened", actor=cashier.label).exists()

    def test_the_same_key_takes_it_down_once(self, wallet: Wallet, cashier: Actor) -> None:
        first, second = (asking.asked(wallet, cashier, key="k", files=[asking.PDF]) for _twice in range(2))

        assert first == second
        assert second.is_replayed
        assert AssistedTopUp.objects.get().documents.count() == 1

    def test_the_same_key_for_something_else_is_refused(self, wallet: Wallet, cashier: Actor) -> None:
        asking.asked(wallet, cashier, key="k")

        with pytest.raises(Refused) as no:
            asking.asked(wallet, cashier, key="k", amount=600_00)
        assert no.value.code == "idempotency.key_reused"

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"channel": "pigeon"}, "assisted.unusable"),
            ({"speaker": "cat"}, "assisted.unusable"),
            ({"verified": "feeling"}, "assisted.unusable"),
            ({"speaker": "other", "caller": "  "}, "assisted.caller"),
            ({"verified": "document"}, "assisted.evidence"),
            ({"amount": 0}, "amount.out_of_range"),
            ({"amount": -5}, "amount.out_of_range"),
            ({"note": "x" * 201}, "text.too_long"),
            ({"key": ""}, "idempotency.key_missing"),
            ({"files": [("a.exe", b"MZ")]}, "document.type"),
            ({"files": [asking.PDF] * 6}, "document.too_large"),
        ],
    )
    def test_what_cannot_be_is_refused_and_leaves_nothing(
        self, wallet: Wallet, cashier: Actor, wrong: dict[str, object], code: str
    ) -> None:
        with pytest.raises(Refused) as no:
            asking.asked(wallet, cashier, **wrong)

        assert no.value.code == code
        assert not AssistedTopUp.objects.exists()

    @pytest.mark.parametrize("verified", ["called_back", "address"])
    def test_nobody_is_called_back_on_a_number_that_is_not_on_file(
        self, programme: Programme, cashier: Actor, verified: str
    ) -> None:
        with pytest.raises(Refused) as no:
            asking.asked(shop.new_wallet(programme), cashier, verified=verified)
        assert no.value.code == "assisted.not_on_file"

    def test_only_money_is_asked_for(self, cashier: Actor) -> None:
        with pytest.raises(Refused) as no:
            asking.asked(shop.new_wallet(shop.new_programme(asset="POINTS")), cashier)
        assert no.value.code == "order.not_money"

    @pytest.mark.parametrize("role", ["finance", "auditor", "partner"])
    def test_it_takes_the_permission(self, wallet: Wallet, role: str) -> None:
        with pytest.raises(Refused) as no:
            asking.asked(wallet, cast.actor(role))
        assert no.value.code == "permission.missing"


class TestLink:
    def test_it_is_mailed_to_the_address_on_file_and_its_order_names_request_and_agent(
        self, wallet: Wallet, cashier: Actor
    ) -> None:
        row = fulfilling.send_link(request=asking.asked(wallet, cashier), key="k", by=cashier)

        order = Order.objects.get()
        assert (order.request, order.made_by, order.channel, order.amount) == (row.number, cashier.label, "agent", 500_00)
        assert asking.again(row).status == Status.LINKED
        told = Message.objects.get(kind="assisted.link")
        assert told.customer == wallet.customer
        assert order.number in str(told.facts["link"])
        assert list(Delivery.objects.values_list("channel", flat=True)) == ["email"]
        assert row.steps.latest("pk").about == f"order:{order.number}"

    def test_the_same_key_sends_it_once(self, wallet: Wallet, cashier: Actor) -> None:
        row = asking.asked(wallet, cashier)

        twice = [fulfilling.send_link(request=row, key="k", by=cashier) for _twice in range(2)]

        assert twice[1].is_replayed
        assert (Order.objects.count(), Message.objects.count()) == (1, 1)

    def test_one_link_is_out_at_a_time(self, wallet: Wallet, cashier: Actor) -> None:
        row = fulfilling.send_link(request=asking.asked(wallet, cashier), key="k", by=cashier)

        with pytest.raises(Refused) as no:
            fulfilling.send_link(request=row, key="other", by=cashier)
        assert no.value.code == "assisted.link_is_out"

    def test_another_address_and_a_smaller_amount_can_be_agreed(self, wallet: Wallet, cashier: Actor) -> None:
        row = asking.asked(wallet, cashier)

        fulfilling.send_link(request=row, key="k", by=cashier, amount=300_00, email="Office@Example.com")

        message = Message.objects.get()
        assert message.customer is None
        assert (message.stranger or "").lower() == "office@example.com"
        assert Order.objects.get().amount == 300_00

    def test_without_an_address_it_is_only_made(self, programme: Programme, cashier: Actor) -> None:
        row = asking.asked(shop.new_wallet(programme), cashier, verified="no")
        with pytest.raises(Refused) as no:
            fulfilling.send_link(request=row, key="k", by=cashier)
        assert no.value.code == "assisted.address"
        assert not Order.objects.exists()

        fulfilling.send_link(request=row, key="k", by=cashier, is_mailed=False)

        assert asking.again(row).status == Status.LINKED
        assert not Message.objects.exists()

    def test_a_link_that_lapsed_makes_way_and_its_late_money_goes_back(self, wallet: Wallet, cashier: Actor) -> None:
        row = fulfilling.send_link(request=asking.asked(wallet, cashier), key="k", by=cashier)
        first = Order.objects.get()
        Order.objects.update(created_at=timezone.now() - timedelta(days=9), expires_at=timezone.now() - timedelta(days=1))
        orders.expire()
        assert asking.again(row).status == Status.LAPSED

        fulfilling.send_link(request=row, key="again", by=cashier)

        first.refresh_from_db()
        assert (first.stage, asking.again(row).status) == ("cancelled", Status.LINKED)
        assert requests.named(requests.visible_to(cashier), first.number).get() == row


class TestTender:
    def test_it_is_credited_with_its_offer_and_carries_request_and_agent(
        self, wallet: Wallet, cashier: Actor, store: Store
    ) -> None:
        row = asking.asked(wallet, cashier)

        moved = fulfilling.tender(request=row, method=Method.CASH, store=store.pk, key="k", by=cashier)

        assert queries.balance(wallet).available == 580_00
        credit = agents.of(moved.book, moved.seq)
        assert credit is not None
        assert (credit.request, credit.agent) == (row.number, cashier.label)
        assert (asking.again(row).status, asking.again(row).place) == (Status.CREDITED, (moved.book, moved.seq))
        assert requests.named(requests.visible_to(cashier), moved.id).get() == row

    def test_the_same_key_credits_once(self, wallet: Wallet, cashier: Actor, store: Store) -> None:
        row = asking.asked(wallet, cashier)

        first, second = (
            fulfilling.tender(request=row, method=Method.CASH, store=store.pk, key="k", by=cashier) for _twice in range(2)
        )

        assert first.id == second.id
        assert queries.balance(wallet).principal == 500_00

    def test_another_key_does_not_credit_again(self, wallet: Wallet, cashier: Actor, store: Store) -> None:
        row = asking.asked(wallet, cashier)
        fulfilling.tender(request=row, method=Method.CASH, store=store.pk, key="k", by=cashier)

        with pytest.raises(Refused) as no:
            fulfilling.tender(request=row, method=Method.CASH, store=store.pk, key="other", by=cashier)
        assert no.value.code == "assisted.over"
        assert queries.balance(wallet).principal == 500_00

    def test_a_card_payment_needs_its_slip_which_pays_once(self, wallet: Wallet, cashier: Actor, store: Store) -> None:
        slip = shop.slip()
        fulfilling.tender(
            request=asking.asked(wallet, cashier), method=Method.TERMINAL, store=store.pk, key="k", by=cashier, slip=slip
        )

        for paper, code in ((None, "slip.missing"), (slip, "slip.used")):
            with pytest.raises(Refused) as no:
                fulfilling.tender(
                    request=asking.asked(wallet, cashier),
                    method=Method.TERMINAL,
                    store=store.pk,
                    key=make.key(),
                    by=cashier,
                    slip=paper,
                )
            assert no.value.code == code

    def test_not_beside_a_link_that_is_out(self, wallet: Wallet, cashier: Actor, store: Store) -> None:
        row = fulfilling.send_link(request=asking.asked(wallet, cashier), key="k", by=cashier)

        with pytest.raises(Refused) as no:
            fulfilling.tender(request=row, method=Method.CASH, store=store.pk, key="t", by=cashier)
        assert no.value.code == "assisted.link_is_out"

    def test_what_was_refused_may_be_tried_again_once_the_way_is_free(
        self, wallet: Wallet, cashier: Actor, store: Store, manager: Actor
    ) -> None:
        row = asking.asked(wallet, cashier)
        accounts.freeze(wallet=wallet, reason="lost phone", key="f", by=manager)
        with pytest.raises(Refused) as no:
            fulfilling.tender(request=row, method=Method.CASH, store=store.pk, key="k", by=cashier)
        assert (no.value.code, AgentCredit.objects.count()) == ("wallet.frozen", 0)

        remedies.clear(request=row, obstacle=f"wallet.frozen:wallet:{wallet.pk}", reason="called back", key="c", by=manager)
        fulfilling.tender(request=row, method=Method.CASH, store=store.pk, key="k", by=cashier)

        assert asking.again(row).status == Status.CREDITED

    def test_a_till_of_another_store_takes_nothing(self, wallet: Wallet, store: Store) -> None:
        elsewhere = cast.actor("cashier", cast.store())

        with pytest.raises(Refused) as no:
            fulfilling.tender(
                request=asking.asked(wallet, elsewhere), method=Method.CASH, store=store.pk, key="k", by=elsewhere
            )
        assert no.value.code == "store.not_yours"


class TestClosing:
    def test_with_a_reason_and_without_its_link(self, wallet: Wallet, cashier: Actor) -> None:
        row = fulfilling.send_link(request=asking.asked(wallet, cashier), key="k", by=cashier)

        requests.close(request=row, reason="changed their mind", by=cashier)

        assert (asking.again(row).status, Order.objects.get().stage) == (Status.CLOSED, "cancelled")
        with pytest.raises(Refused) as no:
            fulfilling.send_link(request=row, key="other", by=cashier)
        assert no.value.code == "assisted.over"

    def test_not_without_a_reason_and_not_twice(self, wallet: Wallet, cashier: Actor) -> None:
        row = asking.asked(wallet, cashier)
        with pytest.raises(Refused) as no:
            requests.close(request=row, reason="  ", by=cashier)
        assert no.value.code == "reason.missing"
        requests.close(request=row, reason="wrong number", by=cashier)

        with pytest.raises(Refused) as no:
            requests.close(request=row, reason="again", by=cashier)
        assert no.value.code == "assisted.over"

    def test_what_was_credited_cannot_be_stored_as_closed(self, wallet: Wallet, cashier: Actor, store: Store) -> None:
        row = asking.asked(wallet, cashier)
        fulfilling.tender(request=row, method=Method.CASH, store=store.pk, key="k", by=cashier)

        with pytest.raises(IntegrityError), transaction.atomic():
            AssistedTopUp.objects.update(closed_at=timezone.now(), closed_because="x")


def test_the_list_agrees_with_each_request_how_it_stands(wallet: Wallet, cashier: Actor, store: Store) -> None:
    rows = [asking.asked(wallet, cashier) for _each in Status]
    fulfilling.send_link(request=rows[1], key="k1", by=cashier)
    fulfilling.tender(request=rows[2], method=Method.CASH, store=store.pk, key="k2", by=cashier)
    requests.close(request=rows[3], reason="r", by=cashier)
    for row, stage in ((rows[4], "expired"), (rows[5], "owed")):
        fulfilling.send_link(request=row, key=make.key(), by=cashier)
        Order.objects.filter(request=row.number).update(stage=stage, refusal="wallet.frozen" if stage == "owed" else "")

    for status in Status:
        assert [row.status for row in AssistedTopUp.objects.filter(standing(status))] == [status]
