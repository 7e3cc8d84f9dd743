"""A kiosk as a browser in a store has it, and a customer who stands before it."""

import json

from django.test import Client

import cast
import shop
from chuzhi.customers.models import Customer
from chuzhi.kiosk import kiosks
from chuzhi.kiosk.models import Kiosk
from chuzhi.messaging.models import Message
from chuzhi.organization.models import Store
from chuzhi.till import receipts
from chuzhi.wallets import cards
from chuzhi.wallets.models import Card, Wallet

EVERYTHING = tuple(Kiosk.Service.values)


def set_up(store: Store, *, services: tuple[str, ...] = EVERYTHING, name: str = "门口") -> Kiosk:
    return kiosks.add(store=store, name=name, services=services, idle_seconds=60, by=cast.OWNER)


def opened(kiosk: Kiosk, language: str = "en") -> Client:
    """The browser that the link was opened in."""
    browser = Client(headers={"Accept-Language": language})
    code = kiosks.link(kiosk=kiosk, by=cast.OWNER)
    assert browser.post("/kiosk/open/", {"code": code})["Location"] == "/kiosk/"
    return browser


def card_of(wallet: Wallet) -> Card:
    return cards.issue(wallet=wallet, key=f"card:{wallet.pk}", by=cast.OWNER)


def with_address(wallet: Wallet, email: str = "ming@example.cn") -> Wallet:
    customer = Customer.objects.get(pk=wallet.customer_id)
    customer.email = email
    customer.save(update_fields=["email"])
    return Wallet.objects.select_related("customer").get(pk=wallet.pk)


def receipt_code(wallet: Wallet, store: Store, amount: int = 1_00) -> str:
    """What is printed at the bottom of the receipt of a small charge."""
    moved = shop.charge(wallet, amount, store)
    return receipts.of(operation=moved.id, actor=cast.OWNER).code


def sent_code() -> str:
    message = Message.objects.filter(kind="kiosk.code").latest("pk")
    return str(json.loads(message.secrets or "{}")["code"])


def proven(browser: Client, card: Card, store: Store, service: str = "balance") -> None:
    """Before the kiosk with a card, and a receipt of it."""
    code = receipt_code(card.wallet, store)
    assert browser.post(f"/kiosk/card/{service}/", {"number": card.number}).status_code == 302
    answer = browser.post("/kiosk/proof/", {"code": code})
    assert answer.status_code == 302, answer.content.decode()
