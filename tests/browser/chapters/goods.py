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
from chuzhi.till import baskets, paying
from chuzhi.till.paying import Means
from chuzhi.wallets import queries


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
    yield from catalogue(haircut, hair)


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
