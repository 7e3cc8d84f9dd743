"""Everything that this Stripe has: objects by id, its balance, and the events that are to be told."""

import copy
import random
import string
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from chuzhi.simulators.stage import Stage
from chuzhi.simulators.stripe import forms
from chuzhi.simulators.stripe.problems import invalid, missing

Object = dict[str, Any]

PREFIXES = {
    "balance_transaction": "txn_", "charge": "ch_", "checkout.session": "cs_test_", "customer": "cus_", "dispute": "du_",
    "event": "evt_", "payment_intent": "pi_", "payment_method": "pm_", "payout": "po_", "refund": "re_",
    "setup_intent": "seti_",
}  # fmt: skip


class Books:
    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.things: dict[str, dict[str, Object]] = {kind: {} for kind in PREFIXES}
        self.behaviour: dict[str, str] = {}  # of a card, by its id
        self.flush: Callable[[], None] = lambda: None
        self._draw = random.Random(seed)  # noqa: S311 # ids of a play

    def now(self) -> int:
        return int(self.stage.now().timestamp())

    def new(self, kind: str, **facts: object) -> Object:
        length = 56 if kind == "checkout.session" else 24
        name = PREFIXES[kind] + "".join(self._draw.choices(string.ascii_letters + string.digits, k=length))
        thing = {"id": name, "object": kind, "created": self.now(), "livemode": False, "metadata": {}, **facts}
        self.things[kind][name] = thing
        return thing

    def get(self, kind: str, name: str) -> Object:
        found = self.things[kind].get(name)
        if found is None:
            raise missing(kind, name)
        return found

    def all(self, kind: str, **where: object) -> Iterator[Object]:
        return (each for each in self.things[kind].values() if all(each.get(name) == value for name, value in where.items()))

    def tell(self, kind: str, thing: Object, before: Object | None = None) -> None:
        """An event with the thing as it is now; it leaves when the request is over."""
        told = {"object": copy.deepcopy(thing)} | ({"previous_attributes": before} if before else {})
        request = {"id": None, "idempotency_key": None}
        self.new("event", type=kind, api_version="2025-03-31.basil", pending_webhooks=1, data=told, request=request)

    def move(self, kind: str, source: Object, amount: int, fee: int = 0, category: str = "") -> Object:
        """A movement of the balance."""
        parts = [{"amount": fee, "currency": source["currency"], "description": "Stripe processing fees", "type": "stripe_fee"}]
        return self.new(
            "balance_transaction", type=kind, reporting_category=category or kind, source=source["id"], amount=amount, fee=fee,
            net=amount - fee, fee_details=parts if fee else [], currency=source["currency"], exchange_rate=None,
            available_on=self.now() + 2 * 86400, status="pending", description=source.get("description"),
        )  # fmt: skip

    def later(self, act: Callable[[], object], *, seconds: float = 1.0) -> None:
        def wait() -> None:
            time.sleep(seconds)
            with self.stage.lock:
                act()
            self.flush()

        threading.Thread(target=wait, daemon=True).start()

    def whole(self, thing: Object, paths: list[str]) -> Object:
        """A copy, with what `expand` names put in place of its id."""
        shown = copy.deepcopy(thing)
        for path in paths:
            self._expand(shown, path.split("."))
        return shown

    def _expand(self, shown: Object, steps: list[str]) -> None:
        step, *rest = steps
        if step not in shown:
            raise invalid(f"This property cannot be expanded ({step}).", param="expand")
        if isinstance(shown[step], str):
            shown[step] = copy.deepcopy(self._by_id(shown[step]))
        if rest and isinstance(shown[step], dict):
            self._expand(shown[step], rest)

    def _by_id(self, name: str) -> Object:
        return next(things[name] for things in self.things.values() if name in things)

    def page(self, things: list[Object], query: Object) -> Object:
        """The newest first, as every list of Stripe's."""
        limit = forms.whole(query.get("limit", 10), "limit")
        if not 1 <= limit <= 100:
            raise invalid("Invalid integer: limit is 1 to 100.", param="limit")
        found = [each for each in reversed(things) if _is_within(each["created"], query.get("created"))]
        if after := query.get("starting_after"):
            places = [place for place, each in enumerate(found) if each["id"] == after]
            if not places:
                raise missing("object", after)
            found = found[places[0] + 1 :]
        paths = [path.removeprefix("data.") for path in query.get("expand", [])]
        shown = [self.whole(each, paths) for each in found[:limit]]
        return {"object": "list", "data": shown, "has_more": len(found) > limit}


def _is_within(created: int, bounds: dict[str, str] | None) -> bool:
    checks = {"gte": int.__ge__, "gt": int.__gt__, "lte": int.__le__, "lt": int.__lt__}
    return all(checks[name](created, int(bound)) for name, bound in (bounds or {}).items())
