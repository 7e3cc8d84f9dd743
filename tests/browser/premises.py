"""The small shop of the album, as it is when it opens: its places, programme, customers, partner and accounts."""

from dataclasses import dataclass

import make
from payments.bank import statements
from payments.gateways.standing_in import StandIn

import agents
import cast
import shop
from browser.pages import Reader
from chuzhi.core.actors import Actor
from chuzhi.customers import profiles
from chuzhi.kiosk import kiosks
from chuzhi.kiosk.models import Kiosk
from chuzhi.ledger.chart import Method
from chuzhi.organization import staff, stores
from chuzhi.organization.models import Staff, Store, Till
from chuzhi.organization.partners.models import Partner
from chuzhi.payments import accounts, intents
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.models import Account, Payment
from chuzhi.topups import orders
from chuzhi.topups.models import Order
from chuzhi.wallets.models import Programme, Wallet

NAMES = ("王小明", "陈思远", "欧阳文静", "赵国强", "刘芳", "Emma Thompson", "周杰", "孙丽华")


@dataclass(frozen=True)
class Shop:
    """One that opened this morning: its places, its programme, its customers' wallets and an account at a provider."""

    store: Store
    till: Till
    counted_till: Till
    """Where the cashier works, and counts the drawer at present."""
    programme: Programme
    wallets: list[Wallet]
    wechat: Account
    provider: StandIn
    partner: Partner
    cashier: Actor
    owner: Actor
    readers: dict[tuple[str, Reader], Staff]
    """Whoever signs in, in each language: each speaks their own. All but the cashier may see everything that is theirs."""

    screens: dict[Reader, tuple[Kiosk, str]]
    """Kiosks with the credentials of their browsers: before one stands nobody, before the other a customer."""

    def till_of(self, reader: Reader) -> Till | None:
        return {Reader.STAFF: self.till, Reader.CASHIER: self.counted_till}.get(reader)

    def order(self, place: int, amount: int, channel: Order.Channel = Order.Channel.LINK) -> Order:
        return orders.place(
            wallet=self.wallets[place], amount=amount, channel=channel, key=make.key(), by=cast.OWNER, store=self.store
        )

    def begin(self, order: Order, method: Method = Method.WECHAT) -> Payment:
        scene = Scene.PAGE if method is Method.BANK else Scene.SHOWN
        return orders.pay(order=order, scene=scene, circumstances=intents.Circumstances(), method=method, by=cast.OWNER)

    def pay(self, payment: Payment) -> None:
        self.provider.control("pay", number=payment.number)
        intents.ask(payment)


def open_shop(provider: StandIn) -> Shop:
    store = stores.add(code="NJL", name="南京路店", address="上海市黄浦区南京东路 299 号", pack="cn-shanghai", by=cast.OWNER)
    till = stores.add_till(store=store, name="1 号收银台", by=cast.OWNER)
    programme = shop.new_programme(
        code="member",
        name="会员储值",
        bands=[(500_00, 80_00), (1000_00, 200_00)],
        bonus_valid_days=365,
        most_per_gift=200_00,
    )
    people = [
        profiles.register(name=name, phone=f"1380013800{place}", tags=["常客"] if place % 3 == 0 else [], by=cast.OWNER)
        for place, name in enumerate(NAMES)
    ]
    wechat = accounts.open_account(
        code="wechat", name="微信支付", gateway="wechat", method=Method.WECHAT, currency="CNY", configuration=provider.account,
        by=cast.OWNER, most=50_000_00, fee_rate=60,
    )  # fmt: skip
    statements.account(code="bank", name="工商银行基本户", arrives_within_seconds=86_400)
    partner = agents.partner(3000_00, commission=150, busy_from=2, most_a_day=2000_00)
    readers = {("zh", Reader.PARTNER): agents.somebody_of(partner, language="zh-hans")}
    readers["en", Reader.PARTNER] = agents.somebody_of(partner)
    readers["zh", Reader.STAFF] = cast.person("administrator", name="林晓", language="zh-hans")
    readers["en", Reader.STAFF] = cast.person("administrator", name="Grace Hopper")
    readers["zh", Reader.CASHIER] = cast.person("cashier", name="李娜", language="zh-hans")
    readers["en", Reader.CASHIER] = cast.person("cashier", name="Ada Lovelace")
    screens = {Reader.TERMINAL: screen(store, "门口"), Reader.VISITOR: screen(store, "收银台旁")}
    return Shop(
        store=store,
        till=till,
        counted_till=stores.add_till(store=store, name="2 号收银台", by=cast.OWNER),
        programme=programme,
        wallets=[shop.new_wallet(programme, person) for person in people],
        wechat=wechat,
        provider=provider,
        partner=partner,
        readers=readers,
        screens=screens,
        owner=staff.actor_of(readers["zh", Reader.STAFF]),
        cashier=staff.actor_of(cast.person("cashier", name="韩梅梅"), at=store),
    )


def screen(store: Store, name: str) -> tuple[Kiosk, str]:
    made = kiosks.add(store=store, name=name, services=Kiosk.Service.values, idle_seconds=600, by=cast.OWNER)
    return kiosks.open_with(code=kiosks.link(kiosk=made, by=cast.OWNER))
