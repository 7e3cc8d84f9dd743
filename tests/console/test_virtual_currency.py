"""Setting up virtual currency: the risks are shown, somebody has to accept them, and China's pack has the last word."""

import pytest
from django.test import Client
from django.utils import translation

import cast
from chuzhi.ledger.chart import Method
from chuzhi.organization import stores
from chuzhi.organization.models import Store
from chuzhi.payments.gateways.btcpay import risk
from chuzhi.payments.models import Account

pytestmark = pytest.mark.django_db

ADD = "/console/payments/accounts/add/btcpay/"
GIVEN = {
    "name": "Coins", "code": "coins", "currency": "CNY", "priority": "100", "fee_percent": "0", "arrives_within_seconds": "3600",
    "own-address": "https://pay.example", "own-store": "0123456789abcdef", "own-api_key": "0123456789abcdef",
    "own-webhook_secret": "0123456789", "own-risk_accepted": "yes",
}  # fmt: skip


@pytest.fixture
def page(store: Store) -> Client:
    return cast.signed_in(cast.person("administrator"))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_risks_are_on_the_page_in_the_readers_language(store: Store, language: str) -> None:
    reader = cast.signed_in(cast.person("administrator", language=language))

    shown = reader.get(ADD).content.decode()

    with translation.override(language):
        assert all(str(sentence) in shown for sentence in risk.TEXT)


def test_it_is_set_up_by_whoever_accepts_the_risk(page: Client) -> None:
    refused = page.post(ADD, GIVEN | {"own-risk_accepted": "no"})
    before = Account.objects.count()

    answer = page.post(ADD, GIVEN)

    assert (refused.status_code, before) == (422, 0)
    assert answer.status_code == 302
    assert Account.objects.get().method == Method.CRYPTO


def test_in_china_it_is_refused_by_rule(page: Client, store: Store) -> None:
    stores.choose_pack(store=store, pack="cn-national", by=cast.OWNER)

    answer = page.post(ADD, GIVEN)

    assert answer.status_code == 422
    assert "cn.virtual-currency" in answer.content.decode()
    assert not Account.objects.exists()


def test_an_account_that_is_paused_is_not_opened_again_there(page: Client, store: Store) -> None:
    page.post(ADD, GIVEN)
    account = Account.objects.get()
    page.post(f"/console/payments/accounts/{account.pk}/stand/")
    stores.choose_pack(store=store, pack="cn-national", by=cast.OWNER)

    answer = page.post(f"/console/payments/accounts/{account.pk}/stand/", follow=True)

    assert "cn.virtual-currency" in answer.content.decode()
    assert Account.objects.get().standing == Account.Standing.PAUSED
