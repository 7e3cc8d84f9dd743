import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import make
import pytest
from django.db import connections
from ledger import racing

import cast
import rechargecards
import shop
from chuzhi.core.errors import Refused
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.vouchers import redeeming, rules
from chuzhi.wallets.vouchers.batches import Printed
from chuzhi.wallets.vouchers.models import VoucherAlarm, VoucherTry

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]


def at_once(asks: list[dict[str, object]]) -> list[str]:
    """What each is told, all asking at the same moment."""
    told, gate = list[str](), threading.Barrier(len(asks))

    def ask(values: dict[str, object]) -> None:
        try:
            gate.wait()
            redeeming.redeem(by=cast.OWNER, key=make.key(), **values)  # type: ignore[arg-type]  # what redeem takes
            told.append("redeemed")
        except Refused as no:
            told.append(no.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask, args=[values]) for values in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_eight_who_redeem_one_card_at_once_share_its_value_once() -> None:
    programme, store = shop.new_programme(), cast.store()
    lot = rechargecards.sold(programme, store)
    card, wallets = lot.cards[0], [shop.new_wallet(programme) for _each in range(8)]

    told = at_once([{"wallet": each, "number": card.number, "secret": card.secret, "source": str(each.pk)} for each in wallets])

    assert (told.count("redeemed"), sum(queries.balance(each).principal for each in wallets)) == (1, 100_00)


def test_forty_guesses_at_once_are_counted_as_well_as_one_after_another() -> None:
    wallet = shop.new_wallet(shop.new_programme())

    told = at_once([{"wallet": wallet, "number": f"{place:016d}", "secret": "1", "source": "one"} for place in range(40)])

    most = rules.WINDOWS["source"][0][1]
    assert told.count("voucher.unusable") <= most
    assert VoucherTry.objects.filter(verdict="wrong").count() <= most
    assert Wallet.objects.count() == 1


@pytest.mark.soak
def test_a_hundred_thousand_guesses_learn_nothing_while_customers_redeem() -> None:
    """Four processes guess, and after each twentieth of it a customer redeems: the answers are the same for every card."""
    programme = shop.new_programme()
    lot = rechargecards.sold(programme, cast.store(), count=60)
    asked = {
        "wallets": [shop.new_wallet(programme).pk for _each in range(20)], "numbers": [card.number for card in lot.cards[20:]],
        "guesses": 25_000, "rounds": 5,
    }  # fmt: skip
    customers = [shop.new_wallet(programme) for _each in range(20)]

    with ThreadPoolExecutor(4) as guessers:
        told = list(
            guessers.map(lambda seed: guessed(asked | {"seed": seed}, customers[seed::4], lot.cards[seed:20:4]), range(4))
        )

    real, none = (sum((Counter(each[kind]) for each in told), Counter[str]()) for kind in ("real", "none"))
    assert real.keys() == none.keys() <= {"voucher.unusable", "voucher.too_many_tries"}
    assert sum(real.values()) + sum(none.values()) == 100_000
    assert [queries.balance(each).principal for each in customers] == [100_00] * 20
    assert VoucherAlarm.objects.filter(kind="customer").exists()


def guessed(asked: Mapping[str, object], customers: Sequence[Wallet], cards: Sequence[Printed]) -> dict[str, dict[str, int]]:
    """What one guesser was told; whenever it reports, the next of these customers redeems."""
    program = [sys.executable, "-m", "wallets.guesser"]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=racing.surroundings()
    ) as guesser:
        assert guesser.stdin
        assert guesser.stdout
        print(json.dumps(asked), file=guesser.stdin)
        guesser.stdin.close()
        try:
            for line, customer, card in zip(guesser.stdout, customers, cards, strict=True):
                told: dict[str, dict[str, int]] = json.loads(line)
                rechargecards.redeem(customer, card, source=f"192.0.2.{customer.pk}")
        finally:
            connections.close_all()
    return told
