"""What happens because of something else: each reaction on one line, and nowhere else."""

from collections.abc import Mapping

from chuzhi.approvals import kinds as approvals
from chuzhi.approvals import reactions as requests
from chuzhi.approvals.kinds import Command, Kind
from chuzhi.config import deciding, hindering, raising
from chuzhi.console.session import devices
from chuzhi.customers import merging
from chuzhi.customers.consent import merging as consents
from chuzhi.customers.identities import merging as identities
from chuzhi.customers.record_models import Record
from chuzhi.customers.relations import merging as relations
from chuzhi.desk import telling as desk
from chuzhi.desk.models import Ticket
from chuzhi.finance import cases as differences
from chuzhi.insights import timeline
from chuzhi.kiosk import telling as kiosk
from chuzhi.limits import merging as joined_limits
from chuzhi.limits import reactions as limits
from chuzhi.messaging import kinds as messages
from chuzhi.messaging.models import Message
from chuzhi.payments import reactions
from chuzhi.payments.reactions import Reactions
from chuzhi.risk import acting
from chuzhi.risk.models import Case, Noted
from chuzhi.till import announcing, baskets, codes, notices
from chuzhi.topups import automatic, following, mandates, orders
from chuzhi.topups import merging as joined_topups
from chuzhi.topups import telling as topups
from chuzhi.topups.assisted import telling as assisted
from chuzhi.topups.assisted import witnesses
from chuzhi.topups.cards import delivering
from chuzhi.topups.cards import orders as card_orders
from chuzhi.topups.cards import telling as cards
from chuzhi.wallets import adjustments, bulk_credits, gifts, moved_in, paybacks
from chuzhi.wallets import merging as joined_wallets
from chuzhi.wallets.applications import telling as applications
from chuzhi.wallets.giving import telling as giving
from chuzhi.wallets.sharing import merging as sharing
from chuzhi.workforce import notes
from chuzhi.workforce import tasks as follow_ups_of_customers
from chuzhi.workforce.models import Note, Task

SIGNED: Mapping[Kind, Command] = {
    adjustments.CORRECTION: adjustments.carry_out,
    gifts.GIFT: gifts.carry_out,
    bulk_credits.CREDITS: bulk_credits.carry_out,
    paybacks.PAYBACK: paybacks.carry_out,
    acting.FREEZING: acting.carry_out,
    differences.FIX: differences.carry_out,
    baskets.DISCOUNT: baskets.carry_out,
}
"""What may be asked for, and the command that the signature of a second person runs."""

PAID: Mapping[str, Reactions] = {
    orders.PURPOSE: Reactions(
        paid_together=following.paid_together,
        over=automatic.declined_by,
        refunded=orders.returned_by,
        disputed=orders.disputed_by,
    ),
    codes.PURPOSE: Reactions(paid=codes.paid, over=codes.over),
    card_orders.PURPOSE: Reactions(paid=delivering.paid, refunded=delivering.returned_by, disputed=delivering.disputed_by),
    mandates.PURPOSE: Reactions(agreed=mandates.confirmed_by),
}
"""What a payment was for, and what follows from a provider's word about it."""

MESSAGES = (
    announcing.RECEIPT,
    announcing.NOTICE,
    notices.DIGEST,
    deciding.ASKED,
    deciding.ENDED,
    raising.DECIDED,
    topups.UPCOMING,
    topups.DECLINED,
    topups.UNFINISHED,
    cards.CODES,
    applications.APPROVED,
    applications.REJECTED,
    topups.OVERDUE,
    topups.LESS,
    assisted.LINK,
    devices.NEW_DEVICE,
    notes.MENTIONED,
    follow_ups_of_customers.GIVEN,
    follow_ups_of_customers.HANDED,
    follow_ups_of_customers.MENTIONED,
    desk.HANDED,
    desk.MENTIONED,
    desk.CODE,
    kiosk.CODE,
    moved_in.MOVED_IN,
    giving.MADE,
    giving.TAKEN,
    giving.RETURNED,
    giving.HANDED_OUT,
)
"""Everything that customers and colleagues are told."""


JOINED = (
    merging.Rows("tickets", Ticket),
    joined_wallets.Wallets(),
    sharing.Members(),
    consents.Consents(),
    relations.Relations(),
    identities.Identities(),
    joined_limits.Limits(),
    joined_limits.RAISES,
    joined_topups.Mandates(),
    joined_topups.BENEFITS,
    joined_topups.RESERVATIONS,
    merging.Rows("messages", Message, unless=("kind", "subject")),
    merging.Rows("suspicions", Case),
    merging.Rows("watched", Noted),
    merging.Rows("notes", Note),
    merging.Rows("tasks", Task),
    merging.Rows("records", Record),
)
"""What follows a customer whose record is merged into another."""


def connect() -> None:
    """Called once, when every package is loaded."""
    for kind, command in SIGNED.items():
        approvals.connect(kind, command)
    for purpose, follows in PAID.items():
        reactions.connect(purpose, follows)
    for message in MESSAGES:
        messages.add(message)
    requests.connect(deciding.tell)
    limits.connect(raising.tell)
    for follower in JOINED:
        merging.connect(follower)
    timeline.add(notes.KIND, notes.told)
    witnesses.connect(hindering.refunds_asked)
    witnesses.connect(hindering.suspicions)
