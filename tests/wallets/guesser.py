"""A process that guesses codes: at cards that exist and at ones that do not, from many addresses, in the name of many customers.

`python -m wallets.guesser` reads from stdin, as one JSON object: `wallets`, `numbers`, `guesses`, `rounds` and `seed`. After each
round it prints what it was told so far: by kind of number, how often each code of a refusal.
"""

import json
import logging
import random
import sys
from collections import Counter

import django


def main() -> None:
    django.setup()
    logging.disable()
    from chuzhi.core.actors import Actor, ActorKind
    from chuzhi.core.errors import Refused
    from chuzhi.wallets.models import Wallet
    from chuzhi.wallets.vouchers import redeeming

    asked = json.load(sys.stdin)
    chance, told = random.Random(asked["seed"]), {"real": Counter[str](), "none": Counter[str]()}
    victims = list(Wallet.objects.filter(pk__in=asked["wallets"]).order_by("pk"))
    for _round in range(asked["rounds"]):
        for _guess in range(asked["guesses"] // asked["rounds"]):
            kind, victim = chance.choice(["real", "none"]), chance.choice(victims)
            number = chance.choice(asked["numbers"]) if kind == "real" else f"9157{chance.randrange(10**12):012d}"
            try:
                redeeming.redeem(
                    wallet=victim, number=number, secret=f"{chance.randrange(10**8):08d}", key=f"{chance.random()}",
                    source=f"10.0.{chance.randrange(100)}.1", by=Actor(ActorKind.CUSTOMER, victim.customer_id or 0),
                )  # fmt: skip
                told[kind]["redeemed"] += 1
            except Refused as no:
                told[kind][no.code] += 1
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
