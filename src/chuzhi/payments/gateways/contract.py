"""What every gateway can be asked and what it can tell, in plain values.

Amounts are whole minor units of `currency`; moments are aware. A number is ours, is unique, and is what makes asking twice
harmless: 6 to 32 ASCII letters and digits. An adapter believes nothing that is not signed as its provider signs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from django.utils.functional import Promise


class Scene(StrEnum):
    """Where the payer is, and so how they are asked to pay."""

    PAGE = "page"  # a browser at a desk: goes to the provider's page
    PHONE = "phone"  # a browser on a phone
    IN_APP = "in_app"  # a page inside the provider's own app: the page's script opens the payment
    SHOWN = "shown"  # we show a code, the payer scans it
    SCANNED = "scanned"  # the payer shows a code, we scan it
    ABSENT = "absent"  # nobody is there: an agreement is used


class State(StrEnum):
    """Of a payment, as the provider tells it."""

    WAITING = "waiting"
    PAID = "paid"
    FAILED = "failed"  # this attempt is over and took nothing
    CLOSED = "closed"  # nobody can pay it any more
    UNHEARD = "unheard"  # the provider has never heard of it


class Decline(StrEnum):
    """What a failed payment means for the next attempt."""

    LATER = "later"  # not enough money, or a fault that passes
    ASK = "ask"  # the payer has to confirm it in person
    NEVER = "never"  # stolen, closed, forbidden: do not try again with this means


class RefundState(StrEnum):
    PROCESSING = "processing"
    DONE = "done"
    FAILED = "failed"  # the money is still ours; somebody has to look
    UNHEARD = "unheard"


class AgreementState(StrEnum):
    WAITING = "waiting"
    SIGNED = "signed"
    ENDED = "ended"
    UNHEARD = "unheard"


class DisputeState(StrEnum):
    OPENED = "opened"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A payment we want. `subject` is what the payer reads; `payer` is how the provider knows them, where it does."""

    number: str
    amount: int
    currency: str
    subject: str
    scene: Scene
    expires_at: datetime
    notify_url: str
    return_url: str = ""
    payer: str = ""
    code: str = field(default="", repr=False)  # scanned from the payer's phone
    payer_ip: str = ""
    agreement: str = ""  # the provider's name for it, when nobody is there
    shop: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the provider says of one payment. The core compares it with what was asked before it believes it."""

    number: str
    state: State
    merchant: str = ""  # whom it was paid to, as the provider names them
    amount: int | None = None
    currency: str = ""
    provider_id: str = ""
    paid_at: datetime | None = None
    payer: str = ""
    fee: int | None = None
    surplus: int = 0  # what came above `amount`, where a payer can send more than was asked
    decline: Decline | None = None
    reason: str = ""  # the provider's own code


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """How the payer goes on: an address, the content of a code, or facts for the page's script. `told` when it is over already."""

    url: str = ""
    code: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    provider_id: str = ""
    told: Told | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAsked:
    """Part or all of a payment goes back. `total` is what the payment was."""

    number: str
    payment: str
    provider_id: str
    amount: int
    total: int
    currency: str
    reason: str
    notify_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundTold:
    number: str
    payment: str
    state: RefundState
    merchant: str = ""
    amount: int | None = None
    currency: str = ""
    provider_id: str = ""
    done_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementAsked:
    """The payer's permission to be charged when they are not there."""

    number: str
    shown_name: str
    scene: Scene
    notify_url: str
    return_url: str = ""
    payer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementTold:
    """`provider_id` is what later charges name; `payer` how the provider knows them. `number` is empty where an end is told
    by `provider_id` alone."""

    number: str
    state: AgreementState
    merchant: str = ""
    provider_id: str = ""
    payer: str = ""
    changed_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeTold:
    """The payer's bank takes a payment back, or has decided. `dispute` is the provider's name for it.

    `number` is the payment's, ours; where the provider does not tell it, `provider_id` is the payment's.
    """

    dispute: str
    number: str
    provider_id: str
    state: DisputeState
    amount: int
    currency: str
    merchant: str = ""
    reason: str = ""
    answer_by: datetime | None = None


Content = Told | RefundTold | AgreementTold | DisputeTold


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message of the provider whose signature is right. `event` is unique a provider account; no content: nothing for us."""

    event: str
    kind: str
    content: Content | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider wants to hear. Anything else makes it send again."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"


class LineKind(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"
    FEE = "fee"
    PAYOUT = "payout"  # to our bank
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """One line of the provider's bill. Money that came to us is positive; `fee` is what the provider kept of it."""

    kind: LineKind
    number: str  # ours, of the payment or the refund; empty when the provider does not name it
    provider_id: str
    amount: int
    currency: str
    fee: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """A day at the provider, in its own time zone. The adapter has checked its hash and its own totals."""

    on: date
    lines: Sequence[BillLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One field of a merchant's account, as a page asks for it. A secret is never shown again."""

    name: str
    label: str | Promise
    help: str | Promise = ""
    default: str = ""
    is_secret: bool = False
    is_required: bool = True
    is_long: bool = False  # a key or certificate of several lines


class ConfigurationError(Exception):
    """A field of a merchant's account that cannot be right, and why, in a sentence for whoever typed it."""

    def __init__(self, field: str, sentence: str | Promise) -> None:
        super().__init__(field, sentence)
        self.field = field
        self.sentence = sentence


class NotSentError(Exception):
    """The provider has certainly not got it: another gateway may be tried."""


class OutcomeUnknownError(Exception):
    """Perhaps it has and perhaps it has not: ask later, by the same number."""


class ProviderRefusedError(Exception):
    """The provider said no to the request itself, and nothing was made. `reason` is its own code."""

    def __init__(self, reason: str, sentence: str = "", *, decline: Decline | None = None) -> None:
        super().__init__(f"{reason}: {sentence}" if sentence else reason)
        self.reason = reason
        self.sentence = sentence
        self.decline = decline


class ForgedError(Exception):
    """A message that is not the provider's, is too old, or comes again under another content. Says why, for the log."""


class Gateway(Protocol):
    """A merchant's account at a provider. Every call may raise NotSentError, OutcomeUnknownError and ProviderRefusedError.

    Whoever asks gives `provider_id` as it was last told, if it was: some providers find nothing quickly by our number.
    """

    scenes: frozenset[Scene]

    def start(self, asked: Asked) -> Started: ...

    def ask(self, number: str, *, provider_id: str = "") -> Told: ...

    def close(self, number: str, *, provider_id: str = "") -> None:
        """Nobody can pay it any more after this. Paid meanwhile: raises ProviderRefusedError; ask again."""

    def refund(self, asked: RefundAsked) -> RefundTold: ...

    def ask_refund(self, asked: RefundAsked) -> RefundTold: ...

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        """A notice, verified and decrypted. `headers` by lower-case name. Raises ForgedError."""

    def reply(self, *, accepted: bool) -> Reply: ...

    def bill(self, on: date) -> Bill: ...


@runtime_checkable
class PaysBackOnClaim(Protocol):
    """A gateway at which money that goes back waits until its payer has said where to."""

    def claim_url(self, refund: str) -> str:
        """The address for the payer. `refund` is the provider's name for it."""


@runtime_checkable
class ChargesLater(Protocol):
    """A gateway that keeps agreements. A charge under one is `start` with Scene.ABSENT.

    `announce_days`: how many days before a charge it wants to be asked to `announce` it; 0 where it does not.
    """

    announce_days: int

    def agree(self, asked: AgreementAsked) -> Started: ...

    def ask_agreement(self, number: str, *, provider_id: str = "") -> AgreementTold: ...

    def announce(self, *, agreement: str, amount: int, currency: str, on: date) -> None:
        """Tell the payer through the provider what will be charged, where the provider wants that beforehand."""

    def release(self, *, agreement: str, reason: str) -> None: ...
