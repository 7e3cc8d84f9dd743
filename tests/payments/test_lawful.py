"""Virtual currency: off until somebody accepts the risk, and refused wherever a pack refuses it."""

from datetime import timedelta

import pytest
from django.utils import timezone

import cast
import shop
from chuzhi.core.packs.errors import PackRefused
from chuzhi.ledger.chart import Method
from chuzhi.organization import stores
from chuzhi.organization.models import Store
from chuzhi.payments import accounts, intents
from chuzhi.payments.errors import ConfigurationUnusable
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.models import Account
from chuzhi.wallets import ceilings

pytestmark = pytest.mark.django_db

SERVER = {
    "address": "https://pay.example", "store": "0123456789abcdef", "api_key": "0123456789abcdef", "webhook_secret": "0123456789",
    "risk_accepted": "yes",
}  # fmt: skip


def opened(**other: str) -> Account:
    return accounts.open_account(
        code="coins",
        name="Coins",
        gateway="btcpay",
        method=Method.CRYPTO,
        currency="CNY",
        configuration=SERVER | other,
        by=cast.OWNER,
    )


def test_it_stays_off_until_the_risk_is_accepted(store: Store) -> None:
    with pytest.raises(ConfigurationUnusable) as no:
        opened(risk_accepted="")

    assert no.value.facts["field"] == "risk_accepted"


def test_where_no_pack_refuses_it_it_is_a_way_like_others(store: Store) -> None:
    account = opened()

    assert accounts.routes(scene=Scene.PAGE, amount=100_00, currency="CNY") == [account]


def test_in_china_it_cannot_be_set_up_and_the_refusal_names_the_rule(store: Store) -> None:
    stores.choose_pack(store=store, pack="cn-shanghai", by=cast.OWNER)

    with pytest.raises(PackRefused) as no:
        opened()

    assert no.value.facts["rule"] == "cn.virtual-currency"
    assert not Account.objects.exists()


def test_a_store_that_moves_to_china_ends_it(store: Store) -> None:
    account = opened()
    stores.choose_pack(store=store, pack="cn-national", by=cast.OWNER)

    with pytest.raises(PackRefused):
        intents.intend(
            account=account, purpose="order", subject_id=1, scene=Scene.PAGE, amount=100_00, shown="x",
            expires_at=timezone.now() + timedelta(minutes=5), by=cast.OWNER,
        )  # fmt: skip

    assert accounts.routes(scene=Scene.PAGE, amount=100_00, currency="CNY") == []
    paused = accounts.stand(account=account, standing=Account.Standing.PAUSED, by=cast.OWNER)
    with pytest.raises(PackRefused):
        accounts.stand(account=paused, standing=Account.Standing.OPEN, by=cast.OWNER)


def test_what_was_paid_all_the_same_is_not_credited_there(store: Store) -> None:
    china = stores.choose_pack(store=store, pack="cn-national", by=cast.OWNER)
    wallet = shop.new_wallet(shop.new_programme())

    refused = ceilings.objection(ceilings.of(wallet, store=china.pk, by=cast.OWNER, method=Method.CRYPTO), 100_00)
    by_card = ceilings.objection(ceilings.of(wallet, store=china.pk, by=cast.OWNER, method=Method.STRIPE), 100_00)

    assert isinstance(refused, PackRefused)
    assert by_card is None
