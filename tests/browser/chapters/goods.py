"""What is sold: products on their shelves, and baskets of them at the till."""

from collections.abc import Iterator

import make

import cast
import shop
from browser.pages import Page
from browser.premises import Shop
from chuzhi.catalogue import categories, products
from chuzhi.catalogue.models import Category, Product
from chuzhi.catalogue.products import Described, Priced
from chuzhi.console import formkeys
from chuzhi.customers import uploads
from chuzhi.till import baskets, codes, paying, returns
from chuzhi.till.models import Basket
from chuzhi.till.paying import Means
from chuzhi.topups import payers
from chuzhi.wallets import queries
from till.codes import code as pay_code
from till.codes import sent_back


def on_sale(sku: str, name: str, price: int, category: Category, **more: object) -> Product:
    prices = [Priced(amount=price, currency="CNY"), Priced(amount=price * 9 // 10, currency="CNY", level="gold")]
    return products.add(described=Described(sku=sku, name=name, category=category, prices=prices, **more), by=cast.OWNER)  # type: ignore[arg-type]  # any fact


def shelves(here: Shop) -> Iterator[Page]:
    hair = categories.add(name="美发", by=cast.OWNER)
    cut = categories.add(name="剪发", parent=hair, by=cast.OWNER)
    goods = categories.add(name="零售", by=cast.OWNER)
    haircut = on_sale("CUT-1", "总监剪发", 128_00, cut, kind="service", visits="haircut")
    on_sale("SHAMPOO-500", "氨基酸洗发水 500 毫升", 89_00, goods, barcode="6901234567892", unit="瓶")
    on_sale("TEA-LOOSE", "散装白毫银针", 680_00, goods, is_weighed=True, unit="公斤")

    wallet = here.wallets[0]
    till = here.till.pk
    kept = [
        baskets.begin(store=here.store.pk, till=till, currency="CNY", key=make.key(), by=cast.OWNER, wallet=payer)
        for payer in (wallet, None, here.wallets[4])
    ]
    shampoo = products.scanned("SHAMPOO-500")
    for basket in kept:
        for product, quantity in ((haircut, 1000), (shampoo, 2000)):
            assert product
            baskets.add(basket=basket, product=product, quantity=quantity, key=make.key(), by=cast.OWNER)
    baskets.hold(basket=kept[1], label="穿红外套 尾号 8000", by=here.cashier)
    baskets.hold(basket=kept[2], by=here.cashier)
    pay_key = formkeys.new(f"basket.{kept[0].pk}.0")

    yield Page("baskets", "/console/till/baskets/")
    yield Page("basket", f"/console/till/baskets/{kept[0].pk}/")
    yield Page("basket-found", f"/console/till/baskets/{kept[0].pk}/?find=s")
    yield Page("basket-pay", f"/console/till/baskets/{kept[0].pk}/pay/")
    yield Page(
        "basket-pay-confirm", f"/console/till/baskets/{kept[0].pk}/pay/?key={pay_key}&from_wallet=100&cash=250&keeps_change=on"
    )
    sold = baskets.begin(store=here.store.pk, till=till, currency="CNY", key=make.key(), by=cast.OWNER, wallet=here.wallets[1])
    shop.top_up(here.wallets[1], 300_00, here.store)
    baskets.add(basket=sold, product=haircut, quantity=1000, key=make.key(), by=cast.OWNER)
    baskets.change(basket=sold, line=sold.lines.get().pk, discount=8_00, key=make.key(), by=cast.OWNER)
    paid = paying.pay(basket=sold, means=Means(wallet=here.wallets[1]), key=make.key(), by=here.owner)

    yield Page("basket-receipt", f"/console/till/receipts/{paid.id}/")
    yield Page("sale", f"/console/sales/{paid.id}/")
    sale = queries.wallet_of(paid.id, here.owner)
    assert sale
    back = f"/console/till/wallets/{sale[0].pk}/charges/{sale[1].outcome.seq}/return/"
    back_key = formkeys.new(f"bring_back.{sale[0].pk}.{sale[1].outcome.seq}")
    yield Page("bring-back", back)
    yield Page("bring-back-confirm", f"{back}?key={back_key}&line_1=1&reason=颜色不合适")
    yield Page("sales-of", f"/console/sales/of/{here.wallets[1].customer_id}/")
    nobody = baskets.begin(store=here.store.pk, till=till, currency="CNY", key=make.key(), by=cast.OWNER)
    baskets.add(basket=nobody, product=haircut, quantity=1000, key=make.key(), by=cast.OWNER)
    yield Page("basket-nobody-pay", f"/console/till/baskets/{nobody.pk}/pay/")
    walked_in = baskets.begin(store=here.store.pk, till=till, currency="CNY", key=make.key(), by=cast.OWNER)
    baskets.add(basket=walked_in, product=haircut, quantity=1000, key=make.key(), by=cast.OWNER)
    cash = paying.pay(basket=walked_in, means=Means(cash=200_00), key=make.key(), by=here.owner, till=till)
    yield Page("walkin-receipt", f"/console/till/receipts/{cash.id}/")
    yield Page("walkin-bring-back", f"/console/till/baskets/{walked_in.pk}/return/")
    yield from renewed(here, hair)
    yield from by_code(here, haircut)
    yield from catalogue(haircut, hair)


def renewed(here: Shop, shelf: Category) -> Iterator[Page]:
    """Somebody who is a member for a quarter."""
    quarter, wallet = on_sale("MEMBER-3", "美发会员季卡", 68_00, shelf, kind="service", months=3), here.wallets[1]
    shop.top_up(wallet, 100_00, here.store)
    basket = baskets.begin(store=here.store.pk, till=here.till.pk, currency="CNY", key=make.key(), by=cast.OWNER, wallet=wallet)
    baskets.add(basket=basket, product=quarter, quantity=1000, key=make.key(), by=cast.OWNER)
    paying.pay(basket=basket, means=Means(wallet=wallet), key=make.key(), by=here.owner)

    yield Page("member", f"/console/customers/{wallet.customer_id}/")
    yield Page("member-till", f"/console/till/wallets/{wallet.pk}/charge/")
    yield Page("product-membership", f"/console/products/{quarter.pk}/")


def by_code(here: Shop, haircut: Product) -> Iterator[Page]:
    """About to be scanned, waiting for a password, refused, and money that has to go back."""
    wallet = here.wallets[1]

    def begun() -> Basket:
        made = baskets.begin(
            store=here.store.pk, till=here.till.pk, currency="CNY", key=make.key(), by=cast.OWNER, wallet=wallet
        )
        baskets.add(basket=made, product=haircut, quantity=1000, key=make.key(), by=cast.OWNER)
        return made

    def asked(*outcomes: str) -> Basket:
        made = begun()
        here.provider.control("outcomes", payments=outcomes)
        bill = baskets.bill_of(made, payers.levels_of(wallet))
        means = paying.rest_by_code(bill, Means(wallet=wallet, cash=20_00), from_wallet=30_00)
        given = {"from_wallet": 30_00, "till": here.till.pk, "levels": payers.levels_of(wallet), "by": here.owner}
        codes.ask(basket=made, means=means, code=pay_code(), key=make.key(), **given)  # type: ignore[arg-type]  # of many types
        return made

    shown, waits, refused, sold = begun(), asked("USERPAYING"), asked("NOTENOUGH"), asked()
    here.provider.control("outcomes", refunds=["NOT_ENOUGH"])
    operation = Basket.objects.get(pk=sold.pk).operations[0]
    returns.give_back(
        wallet=wallet, charge=int(operation.partition("-")[2]), goods={1: 1000}, reason="颜色不合适", key=make.key(), by=here.owner,
        till=here.till.pk,
    )  # fmt: skip
    sent_back()
    key = formkeys.new(f"basket.{shown.pk}.0")
    yield Page("basket-code-scan", f"/console/till/baskets/{shown.pk}/pay/?key={key}&from_wallet=30&cash=20&by_code=on")
    yield Page("basket-code", f"/console/till/baskets/{waits.pk}/code/")
    yield Page("basket-code-refused", f"/console/till/baskets/{refused.pk}/code/")
    yield Page("basket-code-receipt", f"/console/till/receipts/{operation}/")
    yield Page("code-refunds", "/console/till/going-back/")
    yield Page("baskets-left", "/console/till/baskets/")


def catalogue(haircut: Product, hair: Category) -> Iterator[Page]:
    yield Page("products", "/console/products/")
    yield Page("products-none", "/console/products/?find=zzzz")
    yield Page("product", f"/console/products/{haircut.pk}/")
    yield Page("product-add", "/console/products/add/")
    table = "商品编码,商品名称,售价,商品分类\nCUT-1,总监剪发,138,美发/剪发\nMASK-1,修护发膜,168,零售\n,无编码,5,零售\n"
    yield Page("product-bring", "/console/products/import/")
    yield Page("product-check", f"/console/products/import/{uploads.keep(table.encode())}/?currency=CNY")
    yield Page("categories", "/console/products/categories/")
    yield Page("category", f"/console/products/categories/{hair.pk}/")
