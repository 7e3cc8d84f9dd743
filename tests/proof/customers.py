"""What customers do in a storm: order, pay in every way, twice, late or never, lose their cards, and ask for their money back."""

import random
import time
import urllib.error
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx

from proof.town import Program, Town

PROVIDERS = {"wechat": 36, "alipay": 30, "stripe": 18, "btcpay": 8, "bank": 8}
SCENES = {
    "wechat": ["shown", "phone", "in_app", "scanned"],
    "alipay": ["page", "phone", "shown", "scanned"],
    "stripe": ["page", "phone"],
    "btcpay": ["page", "shown"],
    "bank": ["page"],
}
HABITS = {"pays": 50, "pays twice": 12, "pays late": 14, "never pays": 8, "is impatient": 8, "loses the card": 8}
CARDS = {"visa": 70, "refundFail": 10, "pendingRefund": 10, "chargeDeclinedInsufficientFunds": 10}
COINS = {"1": 70, "1.2": 15, "0.4": 15}
ASKS_BACK_OF_A_HUNDRED = 40
SEEN_WITHIN_SECONDS = 4.0
NOT_YET = {"open", "expired"}


@dataclass
class Customer:
    """One order, from the first word to the last; `story` is for whoever has to understand what went wrong."""

    town: Town
    program: Program
    wallet: int
    seed: str
    number: str = ""
    story: list[str] = field(default_factory=list)

    def shop(self) -> None:
        self.chance = random.Random(self.seed)
        habit = self._one_of(HABITS)
        placed = self.program.post("/orders", {"wallet": str(self.wallet), "amount": self.chance.randrange(1_00, 900_00)})
        self._note(habit, placed)
        if placed.status_code != 201:
            return
        self.number = placed.json()["number"]
        HOW[habit](self)
        if self.chance.randrange(100) < ASKS_BACK_OF_A_HUNDRED and self._stage() == "credited":
            self._ask_back()

    def pay(self) -> None:
        self._hand_over(self._begin())

    def pay_twice(self) -> None:
        """In two ways: the first was given up for the second, and both are paid all the same."""
        for begun in [self._begin(), self._begin()]:
            self._hand_over(begun)

    def pay_late(self) -> None:
        """While the order's time runs out and the payment is closed, or after that."""
        begun = self._begin()
        self.town.run_out_of_time(self.number)
        time.sleep(self.chance.choice([0, 0, 1, 6]))
        self._hand_over(begun)

    def begin_only(self) -> None:
        self._begin()

    def press_twice(self) -> None:
        way = self._way()
        self._begin(way)
        self._hand_over(self._begin(way))

    def lose_the_card(self) -> None:
        begun = self._begin()
        self.program.post(f"/wallets/{self.wallet}/freeze", {"reason": "lost"})
        self._hand_over(begun)
        self._stage()
        self.program.post(f"/wallets/{self.wallet}/unfreeze", {"reason": "found"})

    def _way(self) -> tuple[str, str]:
        provider = self._one_of(PROVIDERS)
        return provider, self.chance.choice(SCENES[provider])

    def _begin(self, way: tuple[str, str] | None = None) -> dict[str, Any] | None:
        """The payment as the program is told of it; None where it was told no."""
        provider, scene = way or self._way()
        code = f"{'13' if provider == 'wechat' else '28'}{self.chance.randrange(10**16):016d}"
        asked = {
            "scene": scene, "method": {"btcpay": "crypto"}.get(provider, provider), "payer": "oPayer" if scene == "in_app" else "",
            "payer_ip": "203.0.113.7", "return_url": "https://shop.example/back", "code": code if scene == "scanned" else "",
        }  # fmt: skip
        answer = self.program.post(f"/orders/{self.number}/payments", asked)
        self._note(f"{provider}/{scene}", answer)
        return answer.json() | {"provider": provider} if answer.status_code == 201 else None

    def _hand_over(self, begun: dict[str, Any] | None) -> None:
        """The payer does their part, if they were shown where. The provider may say no: it is over, or was paid before."""
        if begun is None or not begun["go_on"]:
            return
        try:
            AT_THE_PROVIDER[begun["provider"]](self, begun)
        except (urllib.error.URLError, ConnectionError, httpx.HTTPError) as no:
            self.story.append(f"the provider: {no}")

    def _at_wechat(self, begun: dict[str, Any]) -> None:
        self.town.providers["wechat"].control("pay", number=begun["number"])

    def _at_alipay(self, begun: dict[str, Any]) -> None:
        if url := begun["go_on"].get("url"):
            httpx.get(url, timeout=10)
        self.town.providers["alipay"].control("pay", number=begun["number"])

    def _at_stripe(self, begun: dict[str, Any]) -> None:
        card = self._one_of(CARDS)
        self.town.providers["stripe"].control("pay", number=begun["number"], card=card)
        if card.startswith("chargeDeclined"):
            self.town.providers["stripe"].control("pay", number=begun["number"])

    def _at_btcpay(self, begun: dict[str, Any]) -> None:
        share = self._one_of(COINS)
        self.town.providers["btcpay"].control("pay", number=begun["number"], share=float(Decimal(share)))

    def _at_bank(self, begun: dict[str, Any]) -> None:
        reference = begun["go_on"]["facts"]["reference"]
        self.town.providers["bank"].control("transfer", amount=begun["amount"], text=reference, name=self.seed)

    def _ask_back(self) -> None:
        order = self.program.get(f"/orders/{self.number}")
        amount = order["amount"] if self.chance.random() < 0.5 else self.chance.randrange(1, order["amount"] + 1)
        self._note("asks back", self.program.post(f"/orders/{self.number}/refunds", {"amount": amount, "reason": "moves away"}))

    def _stage(self) -> str:
        """Of the order, once it is paid; or as it stands when the customer has waited long enough."""
        until = time.monotonic() + SEEN_WITHIN_SECONDS
        while (stage := str(self.program.get(f"/orders/{self.number}")["stage"])) in NOT_YET and time.monotonic() < until:
            time.sleep(0.5)
        self.story.append(stage)
        return stage

    def _one_of(self, weights: dict[str, int]) -> str:
        return self.chance.choices(list(weights), list(weights.values()))[0]

    def _note(self, what: str, answer: httpx.Response) -> None:
        no = "" if answer.is_success else f" {answer.json().get('code')}"
        self.story.append(f"{what}: {answer.status_code}{no}")


HOW: dict[str, Callable[[Customer], None]] = {
    "pays": Customer.pay,
    "pays twice": Customer.pay_twice,
    "pays late": Customer.pay_late,
    "never pays": Customer.begin_only,
    "is impatient": Customer.press_twice,
    "loses the card": Customer.lose_the_card,
}
AT_THE_PROVIDER: dict[str, Callable[[Customer, dict[str, Any]], None]] = {
    "wechat": Customer._at_wechat,
    "alipay": Customer._at_alipay,
    "stripe": Customer._at_stripe,
    "btcpay": Customer._at_btcpay,
    "bank": Customer._at_bank,
}
