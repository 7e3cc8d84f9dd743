import make
import pytest

import cast
import shop
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger import errors
from chuzhi.ledger.models import AuditLine
from chuzhi.organization.models import Store, Till
from chuzhi.till import receipts, sales
from chuzhi.till.errors import LinesDoNotAddUp, LineUnusable, ReceiptUnknown
from chuzhi.till.models import Sale, SaleLine
from chuzhi.till.tickets import Line
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved
from chuzhi.wallets.spending import Purchase

TEA = Line("红茶", 60_00, "2", "T-1")
CAKE = Line("蛋糕", 63_45)


def sell(wallet: Wallet, amount: int, store: Store, by: Actor, **more: object) -> Moved:
    values: dict[str, object] = {"key": make.key()} | more
    return sales.complete(wallet=wallet, amount=amount, store=store.pk, by=by, **values)  # type: ignore[arg-type]  # any


def test_a_sale_charges_and_keeps_its_lines(funded: Wallet, store: Store, till: Till, cashier: Actor) -> None:
    moved = sell(funded, 123_45, store, cashier, till=till.pk, lines=[TEA, CAKE], reference="T-9")

    sale = Sale.objects.get(book=moved.book, seq=moved.seq)
    lines = SaleLine.objects.filter(book=moved.book, seq=moved.seq).order_by("line")
    assert (sale.amount, sale.paid, sale.store, sale.till, sale.reference) == (123_45, 123_45, store.pk, till.pk, "T-9")
    assert [(line.name, line.amount) for line in lines] == [("红茶", 60_00), ("蛋糕", 63_45)]
    assert queries.balance(funded).available == 456_55
    assert AuditLine.objects.filter(action="wallet.charged", facts__seq=moved.seq).count() == 1


def test_the_same_key_sells_once(funded: Wallet, store: Store, cashier: Actor) -> None:
    first = sell(funded, 10_00, store, cashier, key="sale")

    again = sell(funded, 10_00, store, cashier, key="sale")

    assert (again.id, again.replayed) == (first.id, True)
    assert Sale.objects.filter(wallet=funded.pk).count() == 1


def test_a_refused_sale_leaves_no_sale(funded: Wallet, store: Store, cashier: Actor) -> None:
    with pytest.raises(errors.NotEnough):
        sell(funded, 600_00, store, cashier)

    assert not Sale.objects.exists()


def test_a_sale_paid_in_part_says_what_was_paid(funded: Wallet, store: Store, cashier: Actor) -> None:
    moved = sell(funded, 600_00, store, cashier, allow_partial=True)

    sale = Sale.objects.get(book=moved.book, seq=moved.seq)
    assert (sale.amount, sale.paid) == (600_00, 580_00)


def test_lines_must_be_lines_and_add_up(funded: Wallet, store: Store, cashier: Actor) -> None:
    with pytest.raises(LinesDoNotAddUp):
        sell(funded, 123_46, store, cashier, lines=[TEA, CAKE])
    with pytest.raises(LineUnusable):
        sell(funded, 1_00, store, cashier, lines=[Line("", 1_00)])


def test_many_sales_stand_or_fall_alone(funded: Wallet, store: Store, cashier: Actor) -> None:
    baskets = [
        (Purchase(wallet=funded, amount=amount, store=store.pk, key=make.key()), lines)
        for amount, lines in [(60_00, [TEA]), (1, [TEA]), (True, []), (900_00, []), (1_00, [])]
    ]

    answers = sales.complete_many(baskets=baskets, by=cashier)

    assert [each.code if isinstance(each, Refused) else each.amount for each in answers] == [
        60_00, "sale.lines_do_not_add_up", "amount.out_of_range", "wallet.not_enough", 1_00,
    ]  # fmt: skip
    assert Sale.objects.filter(wallet=funded.pk).count() == 2


def test_a_receipt_tells_the_sale(funded: Wallet, store: Store, till: Till) -> None:
    person = cast.person("cashier", name="韩梅梅")
    cashier = cast.staff.actor_of(person)
    moved = sell(funded, 550_00, store, cashier, till=till.pk, reference="T-9")

    receipt = receipts.of(operation=moved.id, actor=cashier)

    assert (receipt.number, receipt.amount, receipt.principal, receipt.bonus) == (moved.id, 550_00, -500_00, -50_00)
    assert (receipt.balance, receipt.currency) == (moved.balance, "CNY")
    assert (receipt.store, receipt.till, receipt.staff, receipt.reference) == (store.name, till.name, "韩梅梅", "T-9")
    assert receipt.next_expiry is not None
    assert receipt.next_expiry.amount == 30_00


def test_a_receipt_of_a_top_up_says_how_it_was_paid(wallet: Wallet, store: Store, cashier: Actor) -> None:
    moved = shop.top_up(wallet, 500_00, store, cashier)

    receipt = receipts.of(operation=moved.id, actor=cashier)

    assert (receipt.method, receipt.principal, receipt.bonus) == ("cash", 500_00, 80_00)


def test_a_receipt_is_found_by_its_code_and_no_other(funded: Wallet, store: Store, cashier: Actor, stranger: Actor) -> None:
    receipt = receipts.of(operation=shop.charge(funded, 10_00, store).id, actor=cashier)
    wrong = receipt.code[:-1] + ("0" if receipt.code[-1] != "0" else "1")

    found = receipts.find(code=f" {receipt.code.lower()}", actor=cashier)

    assert (found.number, found.is_copy) == (receipt.number, True)
    for code, actor in [(wrong, cashier), ("", cashier), ("9-9-AAAAAAAAAA", cashier), (receipt.code, stranger)]:
        with pytest.raises(ReceiptUnknown):
            receipts.find(code=code, actor=actor)


def test_a_refusal_has_no_receipt(funded: Wallet, store: Store, cashier: Actor) -> None:
    with pytest.raises(errors.NotEnough):
        shop.charge(funded, 600_00, store)
    refused = queries.entries(funded, limit=1)[0].outcome

    with pytest.raises(ReceiptUnknown):
        receipts.of(operation=f"{refused.book}-{refused.seq}", actor=cashier)
