"""What happens to the town in a storm: faults at the providers, keys that change, forged messages, and `kill -9`."""

import base64
import contextlib
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
from django.db import connections

import cast
from chuzhi.payments import accounts
from product import children_of, kill
from proof.town import Town

OF_ALL = {
    "lose_answer": 0.1, "refuse_busy": 0.08, "lose_notice": 0.2, "late_notice": 0.2, "double_notice": 0.2, "forge_notice": 0.1,
    "notice_first": 0.15,
}  # fmt: skip
OF_ONE = {
    "wechat": {"forge_answer": 0.04, "pay_first": 0.3},
    "alipay": {
        "forge_answer": 0.03, "unsigned_answer": 0.03, "unknown_answer": 0.05, "busy_answer": 0.05, "slow_refund": 0.3,
        "overtaken": 0.3,
    },
    "stripe": {"refund_fails_later": 0.15, "refund_settles_later": 0.15},
    "btcpay": {},
    "bank": {"missing_reference": 0.1, "typo": 0.1, "wrong_amount": 0.1, "split": 0.2, "doubled_line": 0.2},
}  # fmt: skip
AT_WECHAT = {
    "payments": ["NOTENOUGH", "USERPAYING", "PAYERROR", "SYSTEMERROR", "BANKERROR", "", "", ""],
    "refunds": ["ABNORMAL", "CLOSED", "NOT_ENOUGH", "HOLD", "SUCCESS", "SUCCESS", "SUCCESS"],
}
CHANGES_EVERY_SECONDS = 2.0
VICTIMS = ("web", "worker", "database")


@dataclass
class Weather:
    """`kills`: who dies, each at a random one of `orders`."""

    town: Town
    seed: str
    orders: int
    kills: list[str]
    killed: list[str] = field(default_factory=list)
    probes: int = 0
    answered_well: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.deaths = {place: who for who in self.kills if (place := self.chance.randrange(self.orders // 5, self.orders))}
        self.change = self.orders // 2

    def blow(self) -> None:
        """Until it is calmed: other faults every other second, and forged messages in between."""
        while not self._over.wait(CHANGES_EVERY_SECONDS):
            for name, provider in self.town.providers.items():
                faults = OF_ALL | OF_ONE[name]
                provider.control(
                    "faults", **{fault: chance * self.chance.choice([0, 1, 2]) for fault, chance in faults.items()}
                )
            drawn = {kind: [self.chance.choice(outcomes)] for kind, outcomes in AT_WECHAT.items()}
            self.town.providers["wechat"].control("outcomes", **drawn)
            self._probe()

    def strike(self, place: int) -> None:
        """Called with each order's place as it begins."""
        if who := self.deaths.get(place):
            self.killed.append(f"{who} at order {place}")
            KILLING[who](self)
        if place == self.change:
            self._change_keys()

    def calm(self) -> None:
        self._over.set()

    def _change_keys(self) -> None:
        """Every provider signs with another key from here on."""
        connections.close_all()  # a backend may have been killed behind this one
        self.town.providers["wechat"].control("rotate")
        self.town.providers["alipay"].control("change_certificate")
        rolled = self.town.providers["stripe"].control("roll_secret")
        configuration = self.town.providers["stripe"].account | rolled
        accounts.reconfigure(account=self.town.accounts["stripe"], configuration=configuration, by=cast.OWNER)
        connections.close_all()
        self.town.providers["stripe"].control("drop_secret")

    def _probe(self) -> None:
        """Somebody who is no provider says that something was paid."""
        with contextlib.suppress(httpx.HTTPError):
            for name in ("wechat", "alipay", "stripe", "btcpay"):
                headers = {
                    "Wechatpay-Serial": "0" * 40, "Wechatpay-Timestamp": str(int(time.time())), "Wechatpay-Nonce": "n" * 32,
                    "Wechatpay-Signature": base64.b64encode(b"forged" * 40).decode(), "Stripe-Signature": f"t={int(time.time())},v1=00",
                    "BTCPay-Sig": "sha256=00",
                }  # fmt: skip
                answer = httpx.post(f"{self.town.address}/api/notices/{name}", content=b"{}", headers=headers, timeout=5)
                self.probes += 1
                self.answered_well += answer.status_code < 300 and answer.content != b"fail"

    def _kill_program(self, name: str) -> None:
        """One of its processes: the first of them, or one that it has started."""
        first = [pid for pid in children_of(self.town.process.pid) if f"\0{name}\0".encode() in _command_line(pid)]
        every = first + [child for pid in first for child in children_of(pid)]
        if every:
            kill(self.chance.choice(every))

    def _kill_backend(self) -> None:
        """In the middle of whatever it does. PostgreSQL then ends all others too, and recovers."""
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.town.product.server.url()) as owner:
            found = owner.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " ORDER BY state = 'active' DESC, state = 'idle in transaction' DESC LIMIT 1"
            ).fetchone()
            if found:
                kill(found[0])


KILLING = {
    "web": lambda weather: weather._kill_program("web"),
    "worker": lambda weather: weather._kill_program("worker"),
    "database": lambda weather: weather._kill_backend(),
}


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
