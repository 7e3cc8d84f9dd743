import make
import pytest

import cast
from api.program import Program
from chuzhi.core.actors import Actor
from chuzhi.core.packs.errors import PackRefused
from chuzhi.organization import stores
from chuzhi.organization.models import Store, Till
from chuzhi.wallets import accounts, cards, queries, rules
from chuzhi.wallets.errors import CardUnusable
from chuzhi.wallets.models import Card, Programme, Wallet


def test_a_card_has_our_prefix_and_a_right_number_and_finds_its_wallet(wallet: Wallet, cashier: Actor) -> None:
    card = cards.issue(wallet=wallet, key=make.key(), by=cashier)

    assert card.number.startswith("9156")
    assert rules.is_card_number(card.number)
    assert (len(card.number), card.kind, card.book) == (16, Card.Kind.NAMED, wallet.book)
    spaced = " ".join(card.number[place : place + 4] for place in range(0, 16, 4))
    assert queries.by_card(spaced, cashier) == wallet


def test_a_bearers_card(programme: Programme, cashier: Actor) -> None:
    wallet = accounts.open_wallet(programme=programme, key=make.key(), by=cashier)

    assert cards.issue(wallet=wallet, key=make.key(), by=cashier).kind == Card.Kind.BEARER


def test_one_wallet_may_have_several_and_one_key_gives_one(wallet: Wallet, cashier: Actor) -> None:
    for key in ("a", "a", "b"):
        cards.issue(wallet=wallet, key=key, by=cashier)

    assert cards.of(wallet).count() == 2


def test_a_lost_card_finds_nothing_until_it_is_found(wallet: Wallet, cashier: Actor) -> None:
    card = cards.issue(wallet=wallet, key=make.key(), by=cashier)

    cards.report_lost(card=card, by=cashier)
    assert queries.by_card(card.number, cashier) is None

    cards.found_again(card=card, by=cashier)
    assert queries.by_card(card.number, cashier) == wallet


def test_where_law_knows_no_loss_of_a_bearer_card_only_a_named_one_is_reported(
    wallet: Wallet, programme: Programme, store: Store, cashier: Actor
) -> None:
    named = cards.issue(wallet=wallet, key=make.key(), by=cashier)
    bearer = cards.issue(
        wallet=accounts.open_wallet(programme=programme, key=make.key(), by=cashier), key=make.key(), by=cashier
    )
    stores.choose_pack(store=store, pack="cn-shanghai", by=cast.OWNER)

    with pytest.raises(PackRefused) as no:
        cards.report_lost(card=bearer, by=cashier)

    assert no.value.rule.id == "cn.loss.bearer"
    assert queries.by_card(bearer.number, cashier) is not None
    assert cards.report_lost(card=named, by=cashier).status == "lost"
    stores.choose_pack(store=store, pack="none", by=cast.OWNER)
    assert cards.report_lost(card=bearer, by=cashier).status == "lost"


def test_the_kind_is_seen_in_the_console_at_the_till_and_by_programs(
    wallet: Wallet, programme: Programme, till: Till, cashier: Actor
) -> None:
    bearer = accounts.open_wallet(programme=programme, key=make.key(), by=cashier)
    counter, program = cast.signed_in(cast.person("cashier"), at=till), Program("wallets:read")

    for found, kind in ((wallet, "Named"), (bearer, "Bearer")):
        for page in (f"/console/wallets/{found.pk}/", f"/console/till/wallets/{found.pk}/"):
            assert f"{kind}</span>" in counter.get(page).content.decode()
        assert program.get(f"/wallets/{found.pk}").json()["kind"] == kind.lower()


def test_a_replaced_card_is_dead_and_is_replaced_once(wallet: Wallet, cashier: Actor) -> None:
    card = cards.issue(wallet=wallet, key=make.key(), by=cashier)
    cards.report_lost(card=card, by=cashier)

    new, again = (cards.replace(card=card, key="new", by=cashier) for _twice in range(2))

    assert new.pk == again.pk
    assert (queries.by_card(card.number, cashier), queries.by_card(new.number, cashier)) == (None, wallet)
    with pytest.raises(CardUnusable):
        cards.found_again(card=card, by=cashier)
    with pytest.raises(CardUnusable):
        cards.replace(card=card, key="another", by=cashier)


def test_nobody_finds_a_wallet_by_card_who_may_not_see_it(wallet: Wallet, cashier: Actor, stranger: Actor) -> None:
    card = cards.issue(wallet=wallet, key=make.key(), by=cashier)

    assert queries.by_card(card.number, stranger) is None
