"""Errors planted in the list of balance movements, so that somebody may find them."""

from typing import Any

from chuzhi.simulators.stripe.books import Books, Object

KINDS = ("missing", "late", "amount", "fee", "sum", "double", "refund", "extra")


class Plants:
    """What the list shows otherwise than it is. Each error is in another movement."""

    def __init__(self) -> None:
        self.hidden: set[str] = set()
        self.instead: dict[str, Object] = {}
        self.extra: list[Object] = []

    def plant(self, books: Books, counts: dict[str, int]) -> dict[str, list[str]]:
        """So many of each kind, in charges (or refunds) that nothing is wrong with yet. Says in which."""
        charges, refunds = self._sound(books, "charge"), self._sound(books, "refund")
        planted: dict[str, list[str]] = {}
        for kind in KINDS:
            for _count in range(counts.get(kind, 0)):
                sound = refunds if kind == "refund" else charges
                name = self._extra(books, len(self.extra)) if kind == "extra" else self._spoil(kind, sound.pop(0))
                planted.setdefault(kind, []).append(name)
        return planted

    def _sound(self, books: Books, kind: str) -> list[Object]:
        spoilt = self.hidden | set(self.instead)
        return [each for each in books.all("balance_transaction", type=kind) if each["id"] not in spoilt]

    def _spoil(self, kind: str, movement: Object) -> str:
        name = str(movement["id"])
        if kind in {"missing", "refund"}:
            self.hidden.add(name)
        elif kind == "double":
            self.extra.append(movement | {"id": f"{name}_again"})
        else:
            self.instead[name] = movement | SPOILT[kind](movement)
        return name

    def _extra(self, books: Books, place: int) -> str:
        amount, fee = 12_00 + place, 65
        stranger = {
            "id": f"txn_extra{place}", "object": "balance_transaction", "created": books.now(), "livemode": False, "type": "charge",
            "reporting_category": "charge", "source": None, "amount": amount, "fee": fee, "net": amount - fee, "currency": "cny",
            "fee_details": [{"amount": fee, "currency": "cny", "type": "stripe_fee", "description": None}], "exchange_rate": None,
            "available_on": books.now(), "status": "pending", "description": "stranger", "metadata": {},
        }  # fmt: skip
        self.extra.append(stranger)
        return str(stranger["id"])

    def shown(self, movements: list[Object]) -> list[Object]:
        kept = [self.instead.get(each["id"], each) for each in movements if each["id"] not in self.hidden]
        return sorted([*kept, *self.extra], key=lambda each: each["created"])


def _later(movement: Object) -> dict[str, Any]:
    return {"created": movement["created"] + 86400}


def _more(movement: Object) -> dict[str, Any]:
    return {"amount": movement["amount"] + 1, "net": movement["net"] + 1}


def _dearer(movement: Object) -> dict[str, Any]:
    parts = [part | {"amount": part["amount"] + 1} for part in movement["fee_details"][:1]]
    return {"fee": movement["fee"] + 1, "net": movement["net"] - 1, "fee_details": parts}


def _wrong_sum(movement: Object) -> dict[str, Any]:
    return {"net": movement["net"] + 1}


SPOILT = {"late": _later, "amount": _more, "fee": _dearer, "sum": _wrong_sum}
