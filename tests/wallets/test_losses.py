"""Cards that are lost, found and replaced: blocked everywhere at once, with who said so, and the value where it was."""

import make
import pytest
from django.db import connection
from django.test import Client

import cast
import shop
from api.program import Program
from chuzhi.core.actors import Actor
from chuzhi.core.audit import AuditEntry
from chuzhi.core.packs.errors import PackRefused
from chuzhi.ledger.errors import NotEnough
from chuzhi.organization import stores
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store, Till
from chuzhi.portal import access
from chuzhi.wallets import accounts, cards, losses, queries
from chuzhi.wallets.errors import CallerNotVerified, CardUnusable, FeeNeedsCounter, ReasonMissing
from chuzhi.wallets.losses import Said
from chuzhi.wallets.models import Card, CardReport, Programme, Wallet

pytestmark = pytest.mark.django_db


def said(verified: str = "document", channel: str = "phone", **more: str) -> Said:
    facts = {"reason": "left on the bus"} | more
    return Said(channel=CardReport.Channel(channel), verified=CardReport.Verified(verified), **facts)


@pytest.fixture
def card(wallet: Wallet, store: Store) -> Card:
    shop.top_up(wallet, 100_00, store)
    return cards.issue(wallet=wallet, key=make.key(), by=cast.OWNER)


class TestLost:
    def test_it_is_blocked_everywhere_at_once_and_the_balance_stays(self, card: Card, cashier: Actor, till: Till) -> None:
        counter = cast.signed_in(cast.person("cashier"), till)
        before = counter.get("/console/till/", {"find": card.number})

        losses.report(card=card, said=said("no", caller="李雷"), by=cashier)

        program = Program("wallets:read")
        assert before.status_code == 302
        assert queries.by_card(card.number, cast.OWNER) is None
        assert program.get(f"/cards/{card.number}").status_code == 404
        assert counter.get("/console/till/", {"find": card.number}).status_code == 200
        assert queries.balance(card.wallet).available == 100_00

    def test_who_said_so_how_they_were_known_and_whose_it_is_are_kept(self, card: Card, cashier: Actor) -> None:
        losses.report(card=card, said=said("no", caller="李雷"), by=cashier)

        report = CardReport.objects.get()
        assert (report.kind, report.channel, report.verified, report.caller) == ("lost", "phone", "no", "李雷")
        assert (report.owner, report.reason, report.made_by) == (card.wallet.customer, "left on the bus", cashier.label)
        assert AuditEntry.objects.filter(action="card.lost").exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT caller::text FROM card_report")
            assert "李雷" not in cursor.fetchone()[0]

    def test_again_changes_nothing(self, card: Card) -> None:
        for _twice in range(2):
            losses.report(card=card, said=said(), by=cast.OWNER)

        assert CardReport.objects.count() == 1

    def test_without_a_reason_or_the_right_to_it_nothing_happens(self, card: Card) -> None:
        with pytest.raises(ReasonMissing):
            losses.report(card=card, said=said(reason=" "), by=cast.OWNER)
        with pytest.raises(NotAllowed):
            losses.report(card=card, said=said(), by=cast.actor("auditor"))

        card.refresh_from_db()
        assert (card.status, CardReport.objects.count()) == ("active", 0)

    def test_where_law_knows_no_loss_of_a_bearer_card_it_is_refused(
        self, programme: Programme, store: Store, cashier: Actor
    ) -> None:
        wallet = accounts.open_wallet(programme=programme, key=make.key(), by=cashier)
        bearer = cards.issue(wallet=wallet, key=make.key(), by=cashier)
        stores.choose_pack(store=store, pack="cn-shanghai", by=cast.OWNER)

        with pytest.raises(PackRefused):
            losses.report(card=bearer, said=said(), by=cashier)

        assert not CardReport.objects.exists()


class TestFound:
    def test_only_its_holder_says_so(self, card: Card) -> None:
        losses.report(card=card, said=said("no"), by=cast.OWNER)
        with pytest.raises(CallerNotVerified):
            losses.found(card=card, said=said("no"), by=cast.OWNER)

        losses.found(card=card, said=said("called_back"), by=cast.OWNER)

        assert queries.by_card(card.number, cast.OWNER) == card.wallet
        assert [report.kind for report in losses.of(card.wallet)] == ["found", "lost"]

    def test_not_after_it_was_replaced(self, card: Card) -> None:
        losses.replace(card=card, said=said(), key="new", by=cast.OWNER)

        for act in (losses.found, losses.report):
            with pytest.raises(CardUnusable):
                act(card=card, said=said(), by=cast.OWNER)


class TestReplaced:
    def test_the_new_number_finds_all_that_was_there(self, card: Card) -> None:
        losses.report(card=card, said=said("no"), by=cast.OWNER)
        lots, entries = queries.lots(card.wallet), len(queries.entries(card.wallet))

        made = losses.replace(card=card, said=said(), key="new", by=cast.OWNER)

        assert queries.by_card(made.number, cast.OWNER) == card.wallet
        assert queries.by_card(card.number, cast.OWNER) is None
        assert (queries.lots(card.wallet), len(queries.entries(card.wallet))) == (lots, entries)
        assert made.replaces == card

    def test_a_fee_is_charged_once(self, card: Card, store: Store) -> None:
        made = [
            losses.replace(card=card, said=said(), key="new", fee=10_00, store=store.pk, by=cast.OWNER) for _twice in range(2)
        ]

        assert made[0] == made[1]
        assert queries.balance(card.wallet).available == 90_00
        assert [report.fee for report in losses.of(card.wallet)] == [10_00]

    @pytest.mark.parametrize("fee", [100_01, 10_00])
    def test_where_the_fee_cannot_be_charged_the_old_card_stays(self, card: Card, store: Store, fee: int) -> None:
        with pytest.raises(NotEnough if fee > 100_00 else FeeNeedsCounter):
            losses.replace(card=card, said=said(), key="new", fee=fee, store=store.pk if fee > 100_00 else None, by=cast.OWNER)

        assert queries.by_card(card.number, cast.OWNER) == card.wallet
        assert (queries.balance(card.wallet).available, CardReport.objects.count()) == (100_00, 0)

    def test_nobody_unknown_gets_a_new_card(self, card: Card) -> None:
        with pytest.raises(CallerNotVerified):
            losses.replace(card=card, said=said("no"), key="new", by=cast.OWNER)

        assert cards.of(card.wallet).count() == 1


def test_by_a_program(card: Card, store: Store) -> None:
    program = Program("wallets:read", "wallets:write", "charges:write")
    told = {"channel": "online", "verified": "page", "reason": "lost in the app"}

    lost = [program.post(f"/cards/{card.number}/loss", told).json()["status"] for _twice in range(2)]
    unknown = program.post(f"/cards/{card.number}/found", told | {"verified": "no"})
    found = program.post(f"/cards/{card.number}/found", told)
    asked = told | {"fee": 5_00, "store": str(store.pk)}
    made = [program.post(f"/cards/{card.number}/replacement", asked, key="new") for _twice in range(2)]
    listed = program.get(f"/wallets/{card.wallet_id}/cards").json()

    assert (lost, found.json()["status"]) == (["lost", "lost"], "active")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "card.not_verified")
    assert made[0].status_code == 201
    assert made[0].json()["number"] == made[1].json()["number"] != card.number
    assert [each["status"] for each in listed["items"]] == ["active", "dead"]
    assert [each["kind"] for each in listed["reports"]] == ["replaced", "found", "lost"]
    assert listed["reports"][0]["owner"] == str(card.wallet.customer_id)
    assert queries.balance(card.wallet).available == 95_00
    assert program.post("/cards/1/loss", told).json()["code"] == "card.unknown"


class TestOnLine:
    def test_the_holder_blocks_it_on_their_own_page(self, card: Card) -> None:
        visitor = Client(headers={"accept-language": "en"})
        where = f"/pay/top-up/{access.token_of(card.wallet)}/lost-card/"
        shown = visitor.get(where).content.decode()

        answer = visitor.post(where, {"card": str(card.pk)}, follow=True).content.decode()

        assert card.number not in shown
        assert f"•••• {card.number[-4:]}" in shown
        assert "Blocked" in answer
        assert queries.by_card(card.number, cast.OWNER) is None
        report = CardReport.objects.get()
        assert (report.channel, report.verified, report.made_by) == ("online", "page", f"customer:{card.wallet.customer_id}")

    def test_nobody_blocks_another_s_card(self, card: Card) -> None:
        other = shop.new_wallet(card.wallet.programme)

        answer = Client().post(f"/pay/top-up/{access.token_of(other)}/lost-card/", {"card": str(card.pk)})

        assert answer.status_code == 404
        assert queries.by_card(card.number, cast.OWNER) == card.wallet

    def test_where_law_knows_no_loss_it_says_so(self, programme: Programme, store: Store, cashier: Actor) -> None:
        wallet = accounts.open_wallet(programme=programme, key=make.key(), by=cashier)
        bearer = cards.issue(wallet=wallet, key=make.key(), by=cashier)
        stores.choose_pack(store=store, pack="cn-shanghai", by=cast.OWNER)

        answer = Client().post(f"/pay/top-up/{access.token_of(wallet)}/lost-card/", {"card": str(bearer.pk)})

        assert answer.status_code == 422
        assert queries.by_card(bearer.number, cast.OWNER) == wallet
