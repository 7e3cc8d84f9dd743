"""The ways a wallet says no before the ledger is asked. Nothing is recorded for these: the key stays free."""

from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused
from chuzhi.ledger.errors import LedgerRefused


class NotHere(Refused):
    code = "wallet.not_here"
    message = _("The wallet is not accepted in this store. It is accepted here: %(accepted)s.")


class NotForThis(Refused):
    code = "wallet.not_for_this"
    message = _("The wallet pays only for %(accepted)s: %(left)s of what was named here.")


class NotItsEntry(Refused):
    code = "correction.not_its_entry"
    message = _("“%(given)s” is not an entry of this wallet that was carried out.")


class ProgrammeClosed(Refused):
    code = "programme.closed"
    message = _("The programme “%(programme)s” takes no new value any more.")


class ProgrammeCodeTaken(Refused):
    code = "programme.code_taken"
    message = _("Another programme has the code “%(given)s”.")


class OfEveryStore(Refused):
    code = "programme.every_store"
    message = _("Programmes hold in every store: whoever works in some stores only cannot change them.")


class TermsUnusable(Refused):
    code = "programme.terms_unusable"
    message = _("These terms cannot be: %(field)s.")


class StoreUnknown(Refused):
    code = "store.unusable"
    message = _("There is no such open store, or no such till in it.")


class NotYourStore(Refused):
    code = "store.not_yours"
    message = _("You do not work in this store.")


class OfferGone(Refused):
    code = "offer.changed"
    message = _("The offer has changed: for this amount the bonus is now %(bonus)s.")


class MethodUnusable(Refused):
    code = "top_up.method"
    message = _("This payment method cannot be taken at the counter.")


class ReasonMissing(Refused):
    code = "reason.missing"
    message = _("Give a reason.")


class TextTooLong(Refused):
    code = "text.too_long"
    message = _("The text is longer than %(most)s characters.")


class KeyMissing(Refused):
    code = "idempotency.key_missing"
    message = _("A request that moves money must come with its own key of at most 200 characters.")


class HoldTooLong(Refused):
    code = "hold.too_long"
    message = _("A hold may last from one second to %(days)s days.")


class TransferToItself(Refused):
    code = "transfer.to_itself"
    message = _("A wallet cannot send to itself.")


class TransferOfAnotherKind(Refused):
    code = "transfer.other_asset"
    message = _("The two wallets hold different things.")


class TooMany(Refused):
    code = "batch.too_large"
    message = _("One request may hold at most %(most)s charges.")


class CardUnusable(Refused):
    code = "card.unusable"
    message = _("This card is lost or has ended.")


class WalletNamed(Refused):
    code = "wallet.named"
    message = _("Only what is on a bearer card is activated again. This wallet's holder is known: give a bonus instead.")


class NothingExpired(Refused):
    code = "wallet.nothing_expired"
    message = _("Nothing that was paid has expired here, or it was activated again already.")


class CardNotShown(Refused):
    code = "card.not_shown"
    message = _("Say which card was shown.")


class CallerNotVerified(Refused):
    code = "card.not_verified"
    message = _("Make sure first that this is the holder.")


class FeeNeedsCounter(Refused):
    code = "card.fee_needs_counter"
    message = _("A fee is charged in a store: say in which.")


class WalletUnknown(NotFound):
    code = "wallet.unknown"
    message = _("There is no such wallet.")


class PayeeUnknown(NotFound):
    code = "wallet.payee_unknown"
    message = _("Nobody with this phone or card number can be topped up here. Enter the whole number.")


class OperationUnknown(NotFound):
    code = "operation.not_found"
    message = _("There is no such operation.")


class ImportOfAnotherCurrency(Refused):
    code = "import.other_currency"
    message = _("The file is in %(currency)s; the programme “%(programme)s” is not.")


class HoldOfRefund(Refused):
    code = "hold.of_refund"
    message = _("This value is held for a refund request: decide the request.")


class HoldKept(Refused):
    code = "hold.kept"
    message = _("This value is held until it has cleared, its case is closed, or the gift is taken.")


class HeldForRefund(LedgerRefused):
    """The ledger said that it is not enough, and this is why."""

    code = "wallet.held_for_refund"
    message = _("%(held)s is held for a refund request: %(available)s available, %(asked)s asked.")
    AMOUNTS = LedgerRefused.AMOUNTS | {"held"}


class NotCleared(HeldForRefund):
    code = "wallet.not_cleared"
    message = _("%(held)s is paid and has not cleared yet: %(available)s available, %(asked)s asked.")


class HeldForCase(HeldForRefund):
    code = "wallet.held_for_case"
    message = _("%(held)s is held while somebody looks into it: %(available)s available, %(asked)s asked.")


class HeldForGift(HeldForRefund):
    code = "wallet.held_for_gift"
    message = _("%(held)s is set aside as a gift: %(available)s available, %(asked)s asked.")


class OverRollingLimit(LedgerRefused):
    """Said before the ledger is asked, like every limit that adds up several wallets; never recorded."""

    code = "limit.rolling"
    message = _("Within 24 hours no more may come in than %(limit)s; %(used)s did already.")


class ControlTotalsDiffer(Exception):
    """What was posted is not what the file said: a fault, never a business no."""


class StatementUnusable(Refused):
    code = "statement.days"
    message = _("A statement begins before it ends, and is at most %(days)s days long.")


class StatementTooLong(Refused):
    code = "statement.too_long"
    message = _("More than %(most)s movements: choose fewer days.")


class CauseUnknown(Refused):
    code = "gift.cause_unknown"
    message = _("Choose why it is given.")


class TicketMissing(Refused):
    code = "gift.ticket_missing"
    message = _("Name the ticket or the campaign that it is given for.")


class NobodyOfThisName(Refused):
    code = "credit.nobody"
    message = _("Nobody is found by this phone, card or outside number.")


class NoWalletHere(Refused):
    code = "credit.no_wallet"
    message = _("This customer has no wallet in the programme.")


class TwiceInTheList(Refused):
    code = "credit.twice"
    message = _("Line %(line)s is for the same wallet.")


class AmountUnreadable(Refused):
    code = "credit.amount"
    message = _("This is not an amount.")


class NothingToGive(Refused):
    code = "credit.empty"
    message = _("No line of this list can be given.")


class ListTooLong(Refused):
    code = "credit.too_long"
    message = _("A list may have at most %(most)s lines.")


class BatchDecided(Refused):
    code = "credit.decided"
    message = _("This list has been given or sent for approval already.")


class BatchNotGiven(Refused):
    code = "credit.not_given"
    message = _("Only a list that has been given can be reversed.")


class CreditBatchUnknown(NotFound):
    code = "credit.unknown"
    message = _("There is no such list.")


class WalletNotFree(Refused):
    code = "merge.wallet_not_free"
    message = _(
        "The wallet %(wallet)s (%(programme)s) is frozen, keeps value for somebody, or owes something. Settle that first."
    )


class WalletJoined(LedgerRefused):
    code = "wallet.joined"
    message = _("What this wallet held is in the wallet %(to)s now: its customer was merged with another record.")
