"""What the ledger should answer, written a second time, slowly and plainly, from what the operations say of themselves.

Nothing here is shared with the engine's rules: plain lots in plain lists, everything looked up in the whole history.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ledger.holdings import (
    BONUS,
    BONUS_COST,
    BREAKAGE,
    CLOSED,
    DEBT,
    HOLD_LAPSE,
    KINDS,
    LAPSE,
    PRINCIPAL,
    TRANSIT,
    Entry,
    Leg,
    Lot,
    No,
    Promise,
    Wallet,
    backwards,
    body_of,
    debts,
    give,
    in_order,
    made_by,
    must_be_open,
    must_stay_below,
    shares,
    soonest,
)

from chuzhi.ledger import operations as ask


class Model:
    """Every book, wallet and answer."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.wallets: dict[tuple[int, int], Wallet] = {}
        self.journal: dict[int, list[Entry]] = {}
        self.lots: dict[int, int] = {}
        self.times: dict[int, datetime] = {}
        self.keys: dict[tuple[int, str, int, str], tuple[Any, Entry]] = {}
        self.answers: dict[type, Any] = {
            ask.TopUp: self.when_top_up, ask.Charge: self.when_charge, ask.Hold: self.when_hold, ask.Capture: self.when_capture,
            ask.Release: self.when_release, ask.Refund: self.when_refund, ask.TopUpRefund: self.when_top_up_refund,
            ask.TransferOut: self.when_transfer_out, ask.TransferIn: self.when_transfer_in, ask.Stand: self.when_stand,
            ask.Adjust: self.when_adjust, ask.TakeBack: self.when_take_back, ask.Dispute: self.when_dispute,
            ask.DisputeEnd: self.when_dispute_end,
        }  # fmt: skip

    def post(self, asked: list[ask.Operation], now: datetime) -> list[tuple[Entry | None, bool]]:
        """(answer, was it known already) for each; no answer at all for a key that is another request's."""
        books = {each.book for each in asked}
        self.now = max([now, *(self.times[book] for book in books if book in self.times)])
        self.seen = {book: len(self.journal.get(book, [])) for book in books}
        self.awake: set[tuple[int, int]] = set()
        return [self.answer(each) for each in asked]

    def answer(self, asked: ask.Operation) -> tuple[Entry | None, bool]:
        key = (asked.book, asked.by, asked.wallet, asked.key)
        body = (KINDS[type(asked)], asked.asset, asked.amount, asked.store, body_of(asked))
        if key in self.keys:
            first, entry = self.keys[key]
            return (entry, True) if first == body else (None, False)
        entry = self.decide(asked)
        self.keys[key] = (body, entry)
        return entry, False

    def decide(self, asked: ask.Operation) -> Entry:
        wallet = self.wallets.setdefault((asked.book, asked.wallet), Wallet(asked.book, asked.wallet))
        if (wallet.book, wallet.number) not in self.awake:
            self.awake.add((wallet.book, wallet.number))
            self.time_passes(wallet)
        entry = Entry(wallet.book, 0, wallet.number, KINDS[type(asked)], asked.asset, asked.amount)
        try:
            self.answers[type(asked)](wallet, asked, entry)
        except No as no:
            entry.refusal, entry.legs, entry.ref_seq = (no.code, no.facts), [], None
            entry.asset, entry.amount = asked.asset, asked.amount
        self.record(wallet, entry)
        return entry

    def record(self, wallet: Wallet, entry: Entry) -> None:
        self.times[wallet.book] = self.now
        journal = self.journal.setdefault(wallet.book, [])
        journal.append(entry)
        entry.seq = len(journal)
        for leg in entry.legs:
            if not leg.lot.number:
                leg.lot.number = self.lots[wallet.book] = self.lots.get(wallet.book, 0) + 1
                leg.lot.made_by = entry.seq
                wallet.lots.append(leg.lot)
            leg.lot.left += leg.units
            leg.lot.held += leg.held
            assert 0 <= leg.lot.held <= leg.lot.left <= leg.lot.amount
        touched = {leg.lot.pot for leg in entry.legs}
        for pot in touched | {lot.pot for lot in wallet.lots if lot.left}:
            mine = [lot for lot in wallet.lots if lot.pot == pot]
            entry.balances[pot] = (sum(lot.left for lot in mine), sum(lot.held for lot in mine))
        entry.given_back = [0] * len(entry.legs)
        entry.written = [(leg.lot.number, leg.lot.pot, leg.account, leg.units, leg.held) for leg in entry.legs]
        if entry.kind in {3, 12} and (parts := [(leg.lot, leg.held) for leg in entry.legs if leg.held]):
            wallet.promises[entry.seq] = Promise(entry.asset, self.until, parts)

    def time_passes(self, wallet: Wallet) -> None:
        for seq, promise in sorted(wallet.promises.items()):
            if promise.left and promise.until is not None and promise.until <= self.now:
                entry = Entry(wallet.book, 0, wallet.number, HOLD_LAPSE, promise.asset, promise.left, ref_seq=seq)
                entry.legs = self.let_go(promise, promise.left)
                self.record(wallet, entry)
        over = [lot for lot in wallet.lots if lot.free and lot.is_over(self.now)]
        for asset in sorted({lot.asset for lot in over}):
            legs = [
                Leg(lot, BREAKAGE if lot.bucket == PRINCIPAL else BONUS_COST, -lot.free) for lot in over if lot.asset == asset
            ]
            self.record(wallet, Entry(wallet.book, 0, wallet.number, LAPSE, asset, sum(-leg.units for leg in legs), legs))

    # What may be asked

    def when_top_up(self, wallet: Wallet, asked: ask.TopUp, entry: Entry) -> None:
        must_be_open(wallet)
        if asked.most_at_once is not None and asked.amount > asked.most_at_once:
            raise No("limit.per_transaction", limit=asked.most_at_once)
        self.count(wallet, "in", asked.amount, asked.most_a_day, check=True)
        must_stay_below(wallet, asked.asset, asked.grants, asked.most_held)
        entry.legs = give(wallet, asked.grants)
        self.count(wallet, "in", asked.amount, asked.most_a_day)

    def when_charge(self, wallet: Wallet, asked: ask.Charge, entry: Entry) -> None:
        must_be_open(wallet)
        there = sum(lot.free for lot in self.usable(wallet, asked.asset))
        taking = min(there, asked.amount) if asked.allow_partial else asked.amount
        if taking > there or taking == 0:
            raise No("wallet.not_enough", available=there, asked=asked.amount)
        if asked.most_at_once is not None and taking > asked.most_at_once:
            raise No("limit.per_transaction", limit=asked.most_at_once)
        self.count(wallet, "out", taking, asked.most_a_day, check=True)
        entry.amount = taking
        entry.legs = [Leg(lot, asked.into, -part) for lot, part in self.pick(wallet, asked.asset, taking, asked.order)]
        entry.legs += give(wallet, asked.earns)
        self.count(wallet, "out", taking, asked.most_a_day)

    def when_hold(self, wallet: Wallet, asked: ask.Hold, entry: Entry) -> None:
        must_be_open(wallet)
        if asked.expires_at <= self.now:
            raise No("hold.expiry_passed")
        if asked.most_at_once is not None and asked.amount > asked.most_at_once:
            raise No("limit.per_transaction", limit=asked.most_at_once)
        only = {int(seq) for seq in asked.top_ups}
        picked = self.pick(wallet, asked.asset, asked.amount, asked.order, only=only)
        entry.legs = [Leg(lot, 0, 0, part) for lot, part in picked]
        self.until = asked.expires_at

    def when_capture(self, wallet: Wallet, asked: ask.Capture, entry: Entry) -> None:
        promise = self.promise(wallet, asked.hold)
        if asked.amount > promise.left:
            raise No("hold.too_small", left=promise.left)
        entry.ref_seq, entry.asset = asked.hold, promise.asset
        entry.legs = [Leg(leg.lot, asked.into, leg.held, leg.held) for leg in self.let_go(promise, asked.amount)]
        if asked.final:
            entry.legs += self.let_go(promise, promise.left)

    def when_release(self, wallet: Wallet, asked: ask.Release, entry: Entry) -> None:
        promise = self.promise(wallet, asked.hold)
        entry.ref_seq, entry.asset, entry.amount = asked.hold, promise.asset, promise.left
        entry.legs = self.let_go(promise, promise.left)

    def when_refund(self, wallet: Wallet, asked: ask.Refund, entry: Entry) -> None:
        if wallet.standing == CLOSED:
            raise No("wallet.closed")
        charge = self.earlier(wallet, asked.charge, {2, 4})
        room = []
        for leg, back in zip(charge.legs, charge.given_back, strict=True):
            is_payment = leg.units < 0 and leg.lot.asset == charge.asset and leg.lot.bucket != DEBT
            room.append(-leg.units - back if is_payment else 0)
        if asked.amount > sum(room):
            raise No("refund.too_large", left=sum(room))
        parts = shares(asked.amount, room) if asked.proportional else backwards(asked.amount, room)
        owed = [[debt, debt.left] for debt in debts(wallet, charge.asset)]
        for leg, part in zip(charge.legs, parts, strict=True):
            entry.legs += self.put_back(wallet, leg, part, owed, asked.grace_days)
        for asset, bucket, units in asked.takes_back:
            entry.legs += self.take_back(wallet, asset, bucket, units, BONUS_COST)
        charge.given_back = [back + part for back, part in zip(charge.given_back, parts, strict=True)]
        entry.asset, entry.ref_seq = charge.asset, charge.seq

    def put_back(self, wallet: Wallet, leg: Leg, part: int, owed: list[list[Any]], grace_days: int) -> list[Leg]:
        legs = []
        if leg.lot.bucket == PRINCIPAL:
            for line in owed:
                repaid = min(line[1], part)
                line[1] -= repaid
                part -= repaid
                legs += [Leg(line[0], leg.account, -repaid)] if repaid else []
        lot = leg.lot
        if part and lot.is_over(self.now) and grace_days:
            lot = Lot(wallet, lot.asset, lot.bucket, part, self.now + timedelta(days=grace_days))
        return legs + ([Leg(lot, leg.account, part)] if part else [])

    def when_top_up_refund(self, wallet: Wallet, asked: ask.TopUpRefund, entry: Entry) -> None:
        must_be_open(wallet)
        bought = self.earlier(wallet, asked.top_up, {1})
        paid, given = made_by(wallet, bought, PRINCIPAL), made_by(wallet, bought, BONUS)
        if asked.forfeits is not None:
            self.refund_by_law(wallet, asked, entry, bought, soonest(paid), soonest(given))
            return
        spent = -self.net(wallet, bought, given, {2, 4, 6})
        kept_before = -self.net(wallet, bought, paid, {7}, account=BONUS_COST)
        keep_all = max(0, spent - kept_before)
        alive = [lot for lot in paid if not lot.is_over(self.now)]
        most = sum(lot.free for lot in alive) - keep_all
        if most <= 0:
            raise No("refund.nothing_left")
        amount = asked.amount or most
        if amount > most:
            raise No("refund.too_large", left=most)
        keep = keep_all * amount // most
        gifts = [lot for lot in given if not lot.is_over(self.now)]
        bonus = sum(lot.free for lot in gifts) * amount // most
        to_payer = amount
        for lot, part in in_order(soonest(alive), amount + keep):
            first = min(to_payer, part)
            to_payer -= first
            entry.legs += [Leg(lot, asked.into, -first)] if first else []
            entry.legs += [Leg(lot, BONUS_COST, first - part)] if part > first else []
        entry.legs += [Leg(lot, BONUS_COST, -part) for lot, part in in_order(soonest(gifts), bonus)]
        entry.asset, entry.amount, entry.ref_seq = bought.asset, amount, bought.seq

    def refund_by_law(
        self, wallet: Wallet, asked: ask.TopUpRefund, entry: Entry, bought: Entry, paid: list[Lot], given: list[Lot]
    ) -> None:
        """Somebody else worked out what is owed: it goes to the payer, and what is to be gone with it is gone."""
        gone = asked.forfeits or 0
        queue = [lot for lot in paid + given if lot.free and not lot.is_over(self.now)]
        there = sum(lot.free for lot in queue)
        to_payers = self.net(wallet, bought, paid + given, {7}) - self.net(
            wallet, bought, paid + given, {7}, account=BONUS_COST
        )
        still_paid = bought.amount + to_payers
        if there == 0 or asked.amount == 0 or still_paid < 1:
            raise No("refund.nothing_left")
        if there < asked.amount + gone or still_paid < asked.amount:
            raise No("refund.too_large", left=max(0, min(there - gone, still_paid)))
        owed = asked.amount
        for lot, part in in_order(queue, asked.amount + gone):
            if owed:
                entry.legs.append(Leg(lot, asked.into, -min(owed, part)))
            if part > owed:
                entry.legs.append(Leg(lot, BONUS_COST, owed - part))
            owed -= min(owed, part)
        entry.asset, entry.amount, entry.ref_seq = bought.asset, asked.amount, bought.seq

    def when_transfer_out(self, wallet: Wallet, asked: ask.TransferOut, entry: Entry) -> None:
        must_be_open(wallet)
        if (asked.to_book, asked.to_wallet) == (wallet.book, wallet.number):
            raise No("transfer.same_wallet")
        entry.legs = [
            Leg(lot, TRANSIT, -part)
            for lot, part in self.pick(wallet, asked.asset, asked.amount, asked.order, only=set(asked.lots_of))
        ]

    def when_transfer_in(self, wallet: Wallet, asked: ask.TransferIn, entry: Entry) -> None:
        if not asked.is_return:
            must_be_open(wallet)
            must_stay_below(wallet, asked.asset, asked.grants, asked.most_held)
        entry.legs = give(wallet, asked.grants)

    def when_stand(self, wallet: Wallet, asked: ask.Stand, entry: Entry) -> None:
        if wallet.standing == CLOSED and asked.standing != CLOSED:
            raise No("wallet.closed")
        if asked.standing == CLOSED and any(lot.left for lot in wallet.lots):
            raise No("wallet.not_empty")
        wallet.standing = int(asked.standing)
        entry.amount = 0

    def when_adjust(self, wallet: Wallet, asked: ask.Adjust, entry: Entry) -> None:
        if wallet.standing == CLOSED:
            raise No("wallet.closed")
        if asked.grants:
            entry.legs = give(wallet, asked.grants)
        else:
            entry.legs = [
                Leg(lot, asked.into, -part) for lot, part in self.pick(wallet, asked.asset, asked.amount, asked.order)
            ]
        entry.ref_seq = asked.reverses

    def when_take_back(self, wallet: Wallet, asked: ask.TakeBack, entry: Entry) -> None:
        entry.legs = self.take_back(wallet, asked.asset, BONUS, asked.amount, asked.into)

    def when_dispute(self, wallet: Wallet, asked: ask.Dispute, entry: Entry) -> None:
        bought = self.earlier(wallet, asked.top_up, {1})
        if bought.is_settled:
            raise No("dispute.open")
        paid, given = made_by(wallet, bought, PRINCIPAL), made_by(wallet, bought, BONUS)
        entry.legs = [Leg(lot, 0, 0, lot.free) for lot in paid + given if lot.free]
        frozen = sum(leg.held for leg in entry.legs)
        repaid_at_once = sum(-leg.units for leg in bought.legs if leg.units < 0 and leg.account // 10**9 == 1)
        owed = sum(lot.amount - lot.free for lot in paid) + self.net(wallet, bought, paid, {7}) + repaid_at_once
        if owed:
            entry.legs.append(Leg(Lot(wallet, bought.asset, DEBT, owed), asked.clearing, owed))
        bought.is_settled = True
        entry.asset, entry.amount, entry.ref_seq = bought.asset, frozen + owed, bought.seq
        self.until = None

    def when_dispute_end(self, wallet: Wallet, asked: ask.DisputeEnd, entry: Entry) -> None:
        opened = self.earlier(wallet, asked.dispute, {12})
        if opened.is_settled:
            raise No("dispute.ended")
        promise = wallet.promises.get(opened.seq)
        for leg in self.let_go(promise, promise.left) if promise else []:
            into = BONUS_COST if leg.lot.bucket == BONUS else asked.clearing
            entry.legs.append(leg if asked.won else Leg(leg.lot, into, leg.held, leg.held))
        for debt in made_by(wallet, opened, DEBT) if asked.won else []:
            entry.legs += [Leg(debt, asked.clearing, -debt.left)] if debt.left else []
            repaid = debt.amount - debt.left
            entry.legs += [Leg(Lot(wallet, debt.asset, PRINCIPAL, repaid), asked.clearing, repaid)] if repaid else []
        opened.is_settled = True
        entry.asset, entry.ref_seq = opened.asset, opened.seq
        entry.amount = sum(abs(leg.units) or abs(leg.held) for leg in entry.legs)

    # What they need to know

    def usable(self, wallet: Wallet, asset: int) -> list[Lot]:
        return [
            lot for lot in wallet.lots if lot.asset == asset and lot.bucket != DEBT and lot.free and not lot.is_over(self.now)
        ]

    def pick(
        self, wallet: Wallet, asset: int, amount: int, order: str, *, only: frozenset[int] | set[int] = frozenset()
    ) -> list[tuple[Lot, int]]:
        lots = soonest([lot for lot in self.usable(wallet, asset) if not only or lot.made_by in only])
        there = sum(lot.free for lot in lots)
        if there < amount:
            raise No("wallet.not_enough", available=there, asked=amount)
        paid, given = [lot for lot in lots if lot.bucket == PRINCIPAL], [lot for lot in lots if lot.bucket == BONUS]
        match order:
            case "principal_first":
                return in_order(paid + given, amount)
            case "bonus_first":
                return in_order(given + paid, amount)
            case "proportional":
                by_gifts = amount * sum(lot.free for lot in given) // there
                return in_order(paid, amount - by_gifts) + in_order(given, by_gifts)
        return in_order(lots, amount)

    def take_back(self, wallet: Wallet, asset: int, bucket: int, units: int, account: int) -> list[Leg]:
        lots = soonest([lot for lot in self.usable(wallet, asset) if lot.bucket == bucket])
        there = min(units, sum(lot.free for lot in lots))
        legs = [Leg(lot, account, -part) for lot, part in in_order(lots, there)]
        return legs + ([Leg(Lot(wallet, asset, DEBT, units - there), account, units - there)] if units > there else [])

    def promise(self, wallet: Wallet, seq: int) -> Promise:
        promise = wallet.promises.get(seq)
        if promise is None or not promise.left or promise.until is None or promise.until <= self.now:
            raise No("hold.ended")
        return promise

    def let_go(self, promise: Promise, amount: int) -> list[Leg]:
        """The next part of a promise, in the order it was made."""
        legs, parts = [], []
        for lot, part in promise.parts:
            now = min(part, amount)
            amount -= now
            legs += [Leg(lot, 0, 0, -now)] if now else []
            parts.append((lot, part - now))
        promise.parts = parts
        return legs

    def earlier(self, wallet: Wallet, seq: int, kinds: set[int]) -> Entry:
        if 1 <= seq <= self.seen[wallet.book]:
            entry = self.journal[wallet.book][seq - 1]
            if entry.wallet == wallet.number and entry.kind in kinds and entry.refusal is None:
                return entry
        raise No("operation.unknown")

    def net(self, wallet: Wallet, since: Entry, lots: list[Lot], kinds: set[int], account: int | None = None) -> int:
        later = [entry for entry in self.journal[wallet.book][since.seq :] if entry.kind in kinds]
        legs = [leg for entry in later for leg in entry.legs if any(leg.lot is lot for lot in lots)]
        return sum(leg.units for leg in legs if account in {None, leg.account})

    def count(self, wallet: Wallet, way: str, amount: int, most: int | None, *, check: bool = False) -> None:
        if most is None:
            return
        day = (self.now.astimezone(self.zone).date(), way)
        used = wallet.used.get(day, 0)
        if check and used + amount > most:
            raise No("limit.per_day", limit=most, used=used)
        if not check:
            wallet.used[day] = used + amount
