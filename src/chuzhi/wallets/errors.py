"""The ways a wallet says no before the ledger is asked. Nothing is recorded for these: the key stays free."""

from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class NotHere(Refused):
    code = "wallet.not_here"
    message = _("This wallet cannot be used in this store.")


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


class SecondPersonNeeded(Refused):
    code = "adjustment.second_person"
    message = _("A correction above %(limit)s needs a second person who may make corrections.")


class TooMany(Refused):
    code = "batch.too_large"
    message = _("One request may hold at most %(most)s charges.")


class CardUnusable(Refused):
    code = "card.unusable"
    message = _("This card is lost or has ended.")


class WalletUnknown(NotFound):
    code = "wallet.unknown"
    message = _("There is no such wallet.")


class OperationUnknown(NotFound):
    code = "operation.not_found"
    message = _("There is no such operation.")


class ImportOfAnotherCurrency(Refused):
    code = "import.other_currency"
    message = _("The file is in %(currency)s; the programme “%(programme)s” is not.")


class ControlTotalsDiffer(Exception):
    """What was posted is not what the file said: a fault, never a business no."""
