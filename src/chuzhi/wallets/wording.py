"""What entries of the journal are called, for whoever reads a wallet's history."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.ledger.chart import Kind

KINDS: dict[Kind, Promise] = {
    Kind.TOP_UP: _("Top-up"),
    Kind.CHARGE: _("Charge"),
    Kind.HOLD: _("Hold"),
    Kind.CAPTURE: _("Capture of a hold"),
    Kind.RELEASE: _("Release of a hold"),
    Kind.REFUND: _("Refund"),
    Kind.TOP_UP_REFUND: _("Refund of a top-up"),
    Kind.TRANSFER_OUT: _("Transfer out"),
    Kind.TRANSFER_IN: _("Transfer in"),
    Kind.STANDING: _("Frozen, unfrozen or closed"),
    Kind.ADJUSTMENT: _("Correction"),
    Kind.DISPUTE: _("Payment disputed"),
    Kind.DISPUTE_END: _("Dispute ended"),
    Kind.EXPIRY: _("Expired"),
    Kind.HOLD_EXPIRY: _("Hold expired"),
    Kind.TAKE_BACK: _("Taken back"),
}
